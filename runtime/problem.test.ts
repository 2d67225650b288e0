import { expect, test } from 'bun:test'
import { describe } from './problem.ts'

test.each([
  ['cannot', 'x: cannot. Do.'],
  ['is it in use?', 'x: is it in use? Do.'],
  ['it ended.', 'x: it ended. Do.'],
])('a hint begins a new sentence after %p', (what, line) => {
  expect(describe({ what, where: 'x', hint: 'Do.' })).toBe(line)
})
