/** Bytes of anyone: they are read or refused, never read past, and never keep anyone busy. */
import { expect, test } from 'bun:test'
import { answerLengthMax, buildDnsAnswer, emptyDnsAnswer } from './answer.ts'
import { adaptDnsForwarded, aliasDnsForwarded, buildDnsForward, readDnsForwarded } from './forward.ts'
import { dnsNameBytes, readDnsName } from './names.ts'
import { readDnsHeader, readDnsQuery } from './query.ts'

const rounds = 20_000
const budgetMs = 20_000

function randomFrom(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
const random = randomFrom(7)

const base = Uint8Array.fromHex(
  '123401000001000000000001035777570745786d61706c650000010001000029100000000000000c000a00081122334455667788',
)
const answer = Uint8Array.fromHex(
  '123481800001000300010001035777570745786d61706c650000010001c00c00050001000000100006037765 62c010'.replaceAll(
    ' ',
    '',
  ) +
    'c02900010001000000100004c0000201c02900010001000000100004c0000202c010000600010000001000160000000000010000000100000001000000010000003c0000290200000000000000',
)
/** Bytes that mean something in names and lengths. */
const telling = [0, 1, 0x0c, 0x10, 0x29, 0x3f, 0x40, 0x80, 0xc0, 0xff]

/** A copy between bytes that must not be read, with some of its bytes changed, and perhaps cut. */
function mutated(from: Uint8Array): { view: DataView; start: number; end: number; bytes: Uint8Array } {
  const length = random(4) === 0 ? random(from.length + 1) : from.length
  const start = random(8)
  const all = new Uint8Array(start + length + 16).fill(0xff)
  all.set(from.subarray(0, length), start)
  for (let count = random(8); count > 0 && length > 0; count--)
    all[start + random(length)] = random(2) === 0 ? telling[random(telling.length)]! : random(256)
  return {
    view: new DataView(all.buffer),
    start,
    end: start + length,
    bytes: all.slice(start, start + length),
  }
}

test('queries', () => {
  const began = performance.now()
  let read = 0
  for (let round = 0; round < rounds; round++) {
    const { view, start, end } = mutated(base)
    readDnsHeader(view, start, end)
    const query = readDnsQuery(view, start, end)
    if (!query.ok) continue
    read++
    const { asked, question } = query.value
    expect(asked.byteOffset + asked.length).toBeLessThanOrEqual(end)
    // What was read is what was written.
    const name = dnsNameBytes(question.name)
    expect(asked.length).toBe(name.length + 4)
    const answers = Array.from({ length: random(120) }, (_, n) => ({
      type: 'A' as const,
      name: random(2) === 0 ? question.name : 'x.example',
      ttlS: 1,
      address: n,
    }))
    const built = buildDnsAnswer(query.value, { ...emptyDnsAnswer(0), answers })
    expect(built.length).toBeLessThanOrEqual(answerLengthMax(query.value))
    expect(buildDnsForward(query.value, 1).length).toBeLessThanOrEqual(512)
  }
  expect(read).toBeGreaterThan(rounds / 20)
  expect(performance.now() - began).toBeLessThan(budgetMs)
})

test('answers of other servers', () => {
  const began = performance.now()
  const query = readDnsQuery(new DataView(base.buffer), 0, base.length)
  if (!query.ok) throw new Error('the base is a query')
  let read = 0
  for (let round = 0; round < rounds; round++) {
    const { bytes } = mutated(answer)
    const forwarded = readDnsForwarded(bytes, query.value)
    if (!forwarded.ok) continue
    read++
    expect(forwarded.value.ttlS).toBeGreaterThanOrEqual(0)
    const adapted = adaptDnsForwarded(bytes, query.value, random(400))
    expect(adapted.length).toBeLessThanOrEqual(answerLengthMax(query.value))
    expect(readDnsForwarded(adapted, query.value).ok).toBe(true)
    const aliased = buildDnsAnswer(query.value, aliasDnsForwarded(bytes, [], random(400)))
    expect(readDnsForwarded(aliased, query.value).ok).toBe(true)
  }
  expect(read).toBeGreaterThan(rounds / 20)
  expect(performance.now() - began).toBeLessThan(budgetMs)
})

test('names', () => {
  const began = performance.now()
  for (let round = 0; round < rounds; round++) {
    const bytes = Uint8Array.from({ length: 12 + random(300) }, () =>
      random(3) === 0 ? telling[random(telling.length)]! : random(70),
    )
    const name = readDnsName(new DataView(bytes.buffer), 12, bytes.length, 0)
    if (!name.ok) continue
    expect(name.value.next).toBeLessThanOrEqual(bytes.length)
    expect(dnsNameBytes(name.value.text).length).toBeLessThanOrEqual(255)
  }
  expect(performance.now() - began).toBeLessThan(budgetMs)
})
