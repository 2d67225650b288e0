import { describe, expect, test } from 'bun:test'
import { helloMessage, negotiate, parseHello } from './hello.ts'
import { message } from './testing.ts'

const bitmap = (bits: number) => [0, 1, 0, 8, bits >>> 24, bits >>> 16, bits >>> 8, bits]
const parse = (body: readonly number[], version = 4) => {
  const bytes = message(0, 1, body, version)
  return parseHello(bytes, 0, bytes.length)
}
const agrees = (body: readonly number[], version = 4) => {
  const hello = parse(body, version)
  return hello.ok && negotiate(hello.value).ok
}

describe('HELLO', () => {
  test('ours has version 1.3 and a bitmap with that one bit', () => {
    expect([...helloMessage(5)]).toEqual([4, 0, 0, 16, 0, 0, 0, 5, ...bitmap(0x10)])
  })

  test.each([
    ['the same version, no bitmap', [], 4, true],
    ['a higher version, no bitmap: the lower one holds', [], 6, true],
    ['a lower version, no bitmap', [], 1, false],
    ['1.0 and 1.3 in the bitmap', bitmap(0x12), 4, true],
    ['1.3 and 1.5 in the bitmap', bitmap(0x50), 6, true],
    ['only 1.4 in the bitmap, though the version field would do', bitmap(0x20), 5, false],
    ['1.0 and 1.4 in the bitmap', bitmap(0x22), 5, false],
    ['an empty bitmap', bitmap(0), 4, false],
    ['an unknown element before the bitmap', [0, 9, 0, 6, 1, 2, 0, 0, ...bitmap(0x12)], 1, true],
    ['a last element without padding', [...bitmap(0x10), 0, 9, 0, 5, 1], 4, true],
    ['fewer bytes behind the last element than an element has', [0, 0], 4, true],
  ])('%s', (_, body, version, expected) => {
    expect(agrees(body, version)).toBe(expected)
  })

  test.each([
    ['length 0', [0, 1, 0, 0, 0, 0, 0, 16]],
    ['length 3', [0, 1, 0, 3, 0, 0, 0, 16]],
    ['longer than the message', [0, 1, 0, 9, 0, 0, 0, 16]],
    ['length 65,535', [0, 1, 255, 255]],
  ])('an element of %s is a problem', (_, body) => {
    expect(parse(body)).toMatchObject({ ok: false, problem: { where: 'hello, byte 8' } })
  })

  test('says what the switch speaks and what it should', () => {
    const refused = negotiate({ version: 5, bitmap: 0x22 })
    expect(refused).toMatchObject({ ok: false, problem: { received: 'wire versions 1, 5' } })
  })
})
