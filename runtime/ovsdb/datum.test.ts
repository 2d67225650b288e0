import { describe, expect, test } from 'bun:test'
import { integer, Malformed, optional, setOf, string, stringMap, uuid } from './datum.ts'
import { decodeRow, encodeColumns } from './schema.ts'

const id = '4d7d4d5c-9b3a-4b0a-8f6b-3b0d5e1f2a3c'

test('sets may come as their only member', () => {
  expect(setOf(string).decode('a')).toEqual(['a'])
  expect(setOf(string).decode(['set', ['a', 'b']])).toEqual(['a', 'b'])
  expect(setOf(uuid).decode(['uuid', id])).toEqual([id])
  expect(setOf(uuid).decode(['set', [['uuid', id]]])).toEqual([id])
  expect(optional(integer).decode(['set', []])).toBe(null)
  expect(optional(integer).decode(-1)).toBe(-1)
})

test('values come back from their own JSON', () => {
  const map = new Map([
    ['key', 'value'],
    ['__proto__', 'harmless'],
  ])
  expect(stringMap.decode(stringMap.encode(map))).toEqual(map)
  expect(setOf(uuid).decode(setOf(uuid).encode([id]))).toEqual([id])
  expect(optional(string).decode(optional(string).encode(null))).toBe(null)
})

test('a name that is no uuid is one that the transaction gives', () => {
  expect(encodeColumns('Port', { name: 'a', interfaces: ['interface0'] })).toEqual({
    name: 'a',
    interfaces: ['set', [['named-uuid', 'interface0']]],
  })
})

describe('what RFC 7047 does not allow is malformed', () => {
  for (const [name, decode] of [
    ['a number as text', () => string.decode(1)],
    ['a huge number', () => integer.decode(JSON.parse('1e999'))],
    ['an integer beyond 2^53', () => integer.decode(2 ** 60)],
    ['a fraction', () => integer.decode(1.5)],
    ['a uuid that is none', () => uuid.decode(['uuid', 'x'])],
    ['two values for one', () => optional(string).decode(['set', ['a', 'b']])],
    ['a set of nothing', () => setOf(string).decode(['set'])],
    ['a set of the wrong', () => setOf(string).decode(['set', [1]])],
    ['a map of singles', () => stringMap.decode(['map', [['a']]])],
    ['a map as an object', () => stringMap.decode({ a: 'b' })],
    ['null', () => stringMap.decode(null)],
    ['a row without a column', () => decodeRow('Port', id, { name: 'a' })],
    ['a row that is none', () => decodeRow('Port', id, null)],
  ] as const)
    test(name, () => expect(decode).toThrow(Malformed))

  test('and says which column', () => {
    try {
      decodeRow('Port', id, { name: 7, interfaces: ['set', []], external_ids: ['map', []] })
    } catch (error) {
      expect((error as Malformed).problem).toMatchObject({
        where: 'Port.name',
        expected: 'a string',
        received: '7',
      })
    }
    expect.assertions(1)
  })
})
