/** Messages made from the declarations, whole, cut and changed. */
import { describe, expect, test } from 'bun:test'
import { random, toHex } from '../wire/index.ts'
import { seeded } from '../wire/testing.ts'
import { decode, encode, encodeInto, fromJson, type Message, messageNode, toJson } from './index.ts'

const messages = 3_000

function* generated(seed: number, count: number): Generator<Uint8Array> {
  const pick = seeded(seed)
  for (let i = 0; i < count; i++) yield encode(random(messageNode, pick) as Message)
}

test('random messages come back, as values, as JSON and as bytes', () => {
  const pick = seeded(1)
  for (let i = 0; i < messages; i++) {
    const value = random(messageNode, pick) as Message
    const bytes = encode(value)
    const decoded = decode(bytes)
    if (!decoded.ok) throw new Error(`${JSON.stringify(decoded.problem)} in ${toHex(bytes)}`)
    expect(toJson(decoded.value)).toEqual(toJson(value))
    const json = fromJson(JSON.parse(JSON.stringify(toJson(decoded.value))))
    if (!json.ok) throw new Error(`${JSON.stringify(json.problem)} in ${toHex(bytes)}`)
    expect(toHex(encode(json.value))).toBe(toHex(bytes))
  }
})

/** A message is decoded and encoded the same, or refused with a place; nothing else may happen. */
function holds(bytes: Uint8Array): void {
  const result = decode(bytes)
  if (result.ok) expect(toHex(encode(result.value))).toBe(toHex(bytes))
  else {
    expect(result.problem.what).not.toBe('malformed')
    expect(result.problem.where).toMatch(/byte \d+/)
  }
}

/** The length in the header is that of the bytes, so that the rest is looked at. */
function withLength(bytes: Uint8Array): Uint8Array {
  if (bytes.length >= 4) bytes.set([bytes.length >> 8, bytes.length & 0xff], 2)
  return bytes
}

describe('wrong bytes', () => {
  test('cut at every length', () => {
    for (const bytes of generated(2, 150))
      for (let end = 0; end < Math.min(bytes.length, 600); end++) {
        holds(bytes.slice(0, end))
        holds(withLength(bytes.slice(0, end)))
      }
  }, 60_000)

  test('longer than the message', () => {
    for (const bytes of generated(3, 500)) holds(withLength(new Uint8Array([...bytes, 1, 2, 3])))
  })

  test('changed bytes', () => {
    const pick = seeded(4)
    for (const bytes of generated(5, 2_000))
      for (let i = 0; i < 8; i++) {
        const changed = bytes.slice()
        for (let n = 1 + pick(3); n > 0; n--)
          changed[4 + pick(changed.length - 4)] = pick(2) === 0 ? pick(256) : pick(4)
        if (changed.length > 8) holds(withLength(changed))
      }
  }, 60_000)

  test('words of 0, 1, 3 and 65535 at every place', () => {
    for (const bytes of generated(6, 150))
      for (let at = 2; at + 2 <= Math.min(bytes.length, 400); at += 2)
        for (const word of [0, 1, 3, 0xffff]) {
          const changed = bytes.slice()
          changed.set([word >> 8, word & 0xff], at)
          holds(at === 2 ? changed : withLength(changed))
        }
  }, 60_000)
})

test('nothing outside of the range is read or written', () => {
  const pick = seeded(7)
  for (const bytes of generated(8, 500)) {
    const offset = pick(40)
    const around = new Uint8Array(offset + bytes.length + pick(40)).fill(0xaa)
    around.set(bytes, offset)
    const decoded = decode(around, offset, offset + bytes.length)
    if (!decoded.ok) throw new Error(JSON.stringify(decoded.problem))
    const out = new Uint8Array(around.length).fill(0xaa)
    expect(encodeInto(decoded.value, out, offset)).toBe(offset + bytes.length)
    expect(toHex(out)).toBe(toHex(around))
    expect(() => encodeInto(decoded.value, out.subarray(0, offset + bytes.length - 1), offset)).toThrow()
  }
})

/** Replaces one leaf of a JSON document. */
function spoil(json: unknown, pick: (below: number) => number): unknown {
  const strange = [
    null,
    true,
    -1,
    1.5,
    2 ** 53,
    '',
    'zz',
    '0x',
    '0x1ffffffffffffffff',
    '::1',
    [],
    {},
    [[]],
    'OFPP_ANY',
    70_000,
  ]
  if (pick(6) === 0 || typeof json !== 'object' || json === null) return strange[pick(strange.length)]
  const copy = Array.isArray(json) ? [...json] : { ...json }
  const keys = Object.keys(copy)
  const key = keys[pick(keys.length)]
  if (key === undefined) return strange[pick(strange.length)]
  if (pick(10) === 0) delete (copy as Record<string, unknown>)[key]
  else Object.assign(copy, { [key]: spoil((copy as Record<string, unknown>)[key], pick) })
  return copy
}

test('wrong JSON is refused with a path, and what is accepted can be written', () => {
  const pick = seeded(9)
  let refused = 0
  for (let i = 0; i < messages; i++) {
    const spoilt = spoil(toJson(random(messageNode, pick) as Message), pick)
    const result = fromJson(spoilt)
    if (result.ok) encode(result.value)
    else {
      refused++
      expect(result.problem.expected).toBeString()
    }
  }
  expect(refused).toBeGreaterThan(messages / 2)
})
