import { describe, expect, test } from 'bun:test'
import { Xids } from './xids.ts'

const last = 2 ** 32 - 1

describe('Xids', () => {
  test('counts up, skips 0 when it wraps', () => {
    const xids = new Xids(() => false, last - 1)
    expect([xids.next(), xids.next(), xids.next(), xids.next()]).toEqual([last - 1, last, 1, 2])
  })

  test('skips what is in use', () => {
    const used = new Set([1, 2, 4])
    const xids = new Xids((xid) => used.has(xid), last)
    expect([xids.next(), xids.next(), xids.next()]).toEqual([last, 3, 5])
  })

  test('a block does not wrap and holds nothing in use', () => {
    const used = new Set([3, 7])
    const xids = new Xids((xid) => used.has(xid), last - 2)
    expect(xids.block(3)).toBe(last - 2)
    expect(xids.block(10)).toBe(8)
    expect(xids.next()).toBe(18)
  })
})
