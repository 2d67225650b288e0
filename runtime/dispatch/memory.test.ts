import { expect, test } from 'bun:test'
import { memoryLimits } from './limits.ts'
import { Memory } from './memory.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)

test('what is remembered is there until its time is over, as a copy, with its age', () => {
  const memory = new Memory()
  memory.remember('a', bytes(1), 100, 1_000)
  memory.recall('a', 1_000)!.bytes[0] = 9
  expect(memory.recall('a', 1_050)).toEqual({ bytes: bytes(1), ageMs: 50 })
  expect(memory.recall('a', 1_100)).toBeUndefined()
  // A clock that was set back tells no age.
  expect(memory.recall('a', 900)).toBeUndefined()
  memory.remember('a', bytes(2), 100, 1_200)
  expect(memory.recall('a', 1_200)?.bytes).toEqual(bytes(2))
  expect(memory.size).toBe(1)
})

test('it holds so many entries and bytes, and forgets the oldest', () => {
  const many = new Memory()
  for (let n = 0; n <= memoryLimits.entriesMax; n++) many.remember(`${n}`, bytes(), 100, 0)
  expect(many.size).toBe(memoryLimits.entriesMax)
  expect([many.recall('0', 0), many.recall('1', 0)?.ageMs]).toEqual([undefined, 0])

  const large = new Memory()
  const half = new Uint8Array(memoryLimits.bytesMax / 2 - 10)
  for (const key of ['a', 'b', 'c']) large.remember(key, half, 100, 0)
  expect(['a', 'b', 'c'].map((key) => large.recall(key, 0) !== undefined)).toEqual([false, true, true])
})
