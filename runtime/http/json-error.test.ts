import { expect, test } from 'bun:test'
import { jsonErrorOffset, placeOf } from './json-error.ts'

test.each([
  ['{"a":1,}', 7],
  ['{"a" 1}', 5],
  ['{a:1}', 1],
  ['[1 2]', 3],
  ['[1,]', 3],
  ['{"a":"x\ny"}', 7],
  ['{"a":"\\x"}', 6],
  ['{"a":01}', 6],
  ['{"a":', 5],
  ['{"a":"b', 7],
  ['', 0],
  ['nul', 0],
  ['1 1', 2],
  ['}', 0],
  ['[}', 1],
])('%j is wrong at %d', (text, offset) => {
  expect(() => JSON.parse(text)).toThrow()
  expect(jsonErrorOffset(text)).toBe(offset)
})

test('what the engine reads has no error, and what it does not read has one', () => {
  const whole = '{"a": [1, -2.5e3, true, null, {}, [], "\\u00e4\\n\\"x"], "b": {"c": "d"}}\n'
  const pieces = ['', ',', '"', '}', ']', '{', '[', ':', '0', '\\', '\u0001', ' ']
  for (let at = 0; at <= whole.length; at++)
    for (const piece of pieces)
      for (const cut of [0, 1]) {
        const text = whole.slice(0, at) + piece + whole.slice(at + cut)
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        expect([text, jsonErrorOffset(text) === undefined]).toEqual([text, isJson])
      }
})

test('depth is bounded, and places are counted from 1', () => {
  expect(jsonErrorOffset('['.repeat(1_000_000))).toBeUndefined()
  expect(placeOf('a\nbc', 3)).toBe('line 2, column 2')
})
