import { expect, test } from 'bun:test'
import { replacePlaceholders } from './placeholders.ts'
import { type Json, toRubyYaml } from './ruby-yaml.ts'

const first = -1_000_000_000_001
const ids = { [first]: 7, [first - 1]: 8 }
const names = [
  '-1000000000001',
  '"id":-1000000000001,',
  '","id":-1000000000001,"x":"',
  '\\',
  '\\"id":-1000000000001',
  'x\n:id: -1000000000001\n',
  ':id: -1000000000001',
  "it's :id: -1000000000001",
]
const answer = (id: number, next: number, name: string): Json => ({
  id,
  name,
  list: [{ interface_id: next, name, far: -5, none: null }, { id: next }],
  unknown_id: first - 98,
})

test.each(names)('ids replace placeholders in numbers, and the name %p stays', (name) => {
  const before = answer(first, first - 1, name)
  const after = answer(7, 8, name)
  expect(replacePlaceholders(JSON.stringify(before), ids)).toBe(JSON.stringify(after))
  expect(replacePlaceholders(toRubyYaml(before), ids)).toBe(toRubyYaml(after))
})
