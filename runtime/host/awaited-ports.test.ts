import { expect, jest, test } from 'bun:test'
import { AwaitedPorts } from './awaited-ports.ts'

test('what is missing is waited for, a while', () => {
  jest.useFakeTimers()
  try {
    const missing = new Set([1])
    const givenUp: number[] = []
    const ports = new AwaitedPorts({
      missing: (id) => (missing.has(id) ? ['t-a'] : []),
      onGivenUp: (id) => void givenUp.push(id),
    })
    expect([ports.isComplete(1), ports.isComplete(2)]).toEqual([false, true])
    missing.delete(1)
    expect(ports.isComplete(1)).toBe(true)
    missing.add(1)
    expect(ports.isComplete(1)).toBe(false)
    jest.advanceTimersByTime(10_000)
    expect(givenUp).toEqual([1])
    expect(ports.isComplete(1)).toBe(true)
    ports.close()
  } finally {
    jest.useRealTimers()
  }
})

test('one that never comes keeps no other from being waited for', () => {
  jest.useFakeTimers()
  try {
    let missing = ['t-refused']
    const ports = new AwaitedPorts({ missing: () => missing, onGivenUp() {} })
    expect(ports.isComplete(1)).toBe(false)
    jest.advanceTimersByTime(10_000)
    expect(ports.isComplete(1)).toBe(true)
    missing = ['t-refused', 't-later']
    expect(ports.isComplete(1)).toBe(false)
    missing = ['t-refused']
    expect(ports.isComplete(1)).toBe(true)
    missing = ['t-refused', 't-later']
    expect(ports.isComplete(1)).toBe(false)
    jest.advanceTimersByTime(10_000)
    expect(ports.isComplete(1)).toBe(true)
    ports.close()
  } finally {
    jest.useRealTimers()
  }
})
