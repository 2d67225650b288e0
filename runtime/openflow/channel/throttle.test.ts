import { expect, test } from 'bun:test'
import { Throttle } from './throttle.ts'

test('the same passes once a minute, another at once', () => {
  const throttle = new Throttle()
  const passed = Array.from({ length: 150 }, (_, second) => throttle.pass('a', second * 1_000))
  expect(passed.filter(Boolean).length).toBe(3)
  expect(throttle.pass('b', 149_000)).toBe(true)
})

test('what is remembered stays limited', () => {
  const throttle = new Throttle()
  let passed = 0
  for (let round = 0; round < 2; round++) {
    for (let id = 0; id < 1_025; id++) if (throttle.pass(String(id), 0)) passed++
  }
  expect(passed).toBeGreaterThan(1_025)
})
