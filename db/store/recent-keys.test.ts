import { expect, test } from 'bun:test'
import { RecentKeys } from './recent-keys.ts'

const record = (recent: RecentKeys, revision: number, ...keys: string[]) =>
  recent.record(revision, (sink) => {
    for (const key of keys) sink.add(key)
  })

test('a key has changed since the revisions before its last change', () => {
  const recent = new RecentKeys(10)
  record(recent, 11, 'a', 'b')
  record(recent, 15, 'b')
  expect(recent.changedSince(10, ['a'])).toBe(true)
  expect(recent.changedSince(11, ['a'])).toBe(false)
  expect(recent.changedSince(14, ['x', 'b'])).toBe(true)
  expect(recent.changedSince(15, ['a', 'b'])).toBe(false)
  expect(recent.changedSince(10, ['x'])).toBe(false)
})

test('what is too long ago to know counts as changed, unless nothing was read', () => {
  const recent = new RecentKeys(10)
  expect(recent.changedSince(9, ['a'])).toBe(true)
  expect(recent.changedSince(9, [])).toBe(false)
})

test('memory is bounded: the oldest is forgotten, the youngest is exact', () => {
  const recent = new RecentKeys(0)
  for (let revision = 1; revision <= 500_000; revision++) record(recent, revision, `key-${revision}`)
  expect(recent.changedSince(1, ['none'])).toBe(true)
  expect(recent.changedSince(400_000, ['key-300000'])).toBe(false)
  expect(recent.changedSince(400_000, ['key-400001'])).toBe(true)
  expect(recent.changedSince(499_999, ['key-500000'])).toBe(true)
})
