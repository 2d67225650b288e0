import { expect, test } from 'bun:test'
import * as v from 'valibot'
import { baseTypeOf, coerce } from './coerce.ts'
import { flag, integer, ipv4, newUuid, optional, paging, text } from './parameters.ts'

test.each([
  ['16', 16],
  ['0x10', 16],
  ['0X1f', 31],
  ['010', 8],
  ['0o17', 15],
  ['0b11', 3],
  ['1_000', 1_000],
  [' -5 ', -5],
  ['-010', -8],
  ['+7', 7],
  [7, 7],
  ['', Number.NaN],
  ['1e3', Number.NaN],
  ['1.5', Number.NaN],
  ['08', Number.NaN],
  ['1__0', Number.NaN],
  ['Infinity', Number.NaN],
  [true, Number.NaN],
])('integer %p is %p', (given, expected) => {
  expect(coerce('integer', given)).toBe(expected)
})

test('words for yes and no, in any case; what is neither counts as not given', () => {
  for (const yes of ['y', 'Yes', 't', 'TRUE', '1', 1, true]) expect(coerce('boolean', yes)).toBe(true)
  for (const no of ['n', 'No', 'f', 'False', '0', 0, false]) expect(coerce('boolean', no)).toBe(false)
  for (const neither of ['', 'on', 'truth', 2, null]) expect(coerce('boolean', neither)).toBeUndefined()
})

test('a type is found under optionals and pipes', () => {
  for (const schema of [text, ipv4, newUuid('A', 'a'), optional(text), v.picklist(['a'])])
    expect(baseTypeOf(schema)).toBe('text')
  for (const schema of [integer(0, 1), optional(integer(0, 1)), paging.limit])
    expect(baseTypeOf(schema)).toBe('integer')
  for (const schema of [flag, optional(flag), v.pipe(optional(flag), v.description('x'))])
    expect(baseTypeOf(schema)).toBe('boolean')
})
