import { expect, test } from 'bun:test'
import { memoryLimits } from './limits.ts'
import { Memory } from './memory.ts'

const bytes = (...values: number[]) => Uint8Array.from(values)
const keep = (memory: Memory, key: string, value: Uint8Array, now = 0, share = '') =>
  memory.remember({ key, bytes: value, ttlMs: 100, share }, now)

test('what is remembered is there until its time is over, as a copy, with its age', () => {
  const memory = new Memory()
  keep(memory, 'a', bytes(1), 1_000)
  memory.recall('a', 1_000)!.bytes[0] = 9
  expect(memory.recall('a', 1_050)).toEqual({ bytes: bytes(1), ageMs: 50 })
  expect(memory.recall('a', 1_100)).toBeUndefined()
  // A clock that was set back tells no age.
  expect(memory.recall('a', 900)).toBeUndefined()
  keep(memory, 'a', bytes(2), 1_200)
  expect(memory.recall('a', 1_200)?.bytes).toEqual(bytes(2))
  expect(memory.size).toBe(1)
})

test('it holds so many entries and bytes, and forgets the oldest', () => {
  const many = new Memory()
  for (let n = 0; n <= memoryLimits.entriesMax; n++) keep(many, `${n}`, bytes())
  expect(many.size).toBe(memoryLimits.entriesMax)
  expect([many.recall('0', 0), many.recall('1', 0)?.ageMs]).toEqual([undefined, 0])

  const large = new Memory()
  const half = new Uint8Array(memoryLimits.bytesMax / 2 - 10)
  for (const key of ['a', 'b', 'c']) keep(large, key, half)
  expect(['a', 'b', 'c'].map((key) => large.recall(key, 0) !== undefined)).toEqual([false, true, true])
})

test('who fills its share forgets its own, and nobody else’s', () => {
  const memory = new Memory()
  keep(memory, 'quiet', bytes(1), 0, 'a')
  for (let n = 0; n <= memoryLimits.shareEntriesMax; n++) keep(memory, `loud ${n}`, bytes(1), 0, 'b')
  expect(memory.size).toBe(memoryLimits.shareEntriesMax + 1)
  expect(memory.recall('loud 0', 0)).toBeUndefined()
  expect(memory.recall('loud 1', 0)).toBeDefined()
  expect(memory.recall('quiet', 0)).toBeDefined()
  // What has another share from now on is no longer of the first.
  keep(memory, 'quiet', bytes(2), 0, 'b')
  expect(memory.size).toBe(memoryLimits.shareEntriesMax)
})

test('where there is no room at all, who has most forgets', () => {
  const memory = new Memory()
  const part = new Uint8Array(memoryLimits.shareBytesMax - 100)
  keep(memory, 'quiet', bytes(1), 0, 'quiet')
  for (let share = 0; share < 9; share++) keep(memory, `${share}`, part, 0, `share ${share}`)
  expect(memory.recall('quiet', 0)).toBeDefined()
  expect(memory.size).toBe(9)
})
