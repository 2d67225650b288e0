import { expect, test } from 'bun:test'
import { SilenceWatch } from './silence.ts'

const secondMs = 1_000
/** Looks every second until a time; answers what the last look has seen. */
function lookUntil(
  watch: SilenceWatch,
  [fromMs, untilMs]: readonly [number, number],
  { ids = [1, 2], connected = [1], unheardMs = 0 } = {},
) {
  let seen = watch.look(ids, new Set(connected), unheardMs, fromMs)
  for (let nowMs = fromMs + secondMs; nowMs <= untilMs; nowMs += secondMs)
    seen = watch.look(ids, new Set(connected), unheardMs, nowMs)
  return seen
}

test('silence counts from the first look at it, and ends with a connection', () => {
  const watch = new SilenceWatch()
  expect([...lookUntil(watch, [50_000, 59_000]).silentMs]).toEqual([[2, 9_000]])
  expect(lookUntil(watch, [60_000, 60_000], { connected: [1, 2] }).silentMs.size).toBe(0)
  expect([...lookUntil(watch, [61_000, 62_000]).silentMs]).toEqual([[2, 1_000]])
})

test('it begins anew where the host has not looked for a while, or does not hear of the others', () => {
  const watch = new SilenceWatch()
  lookUntil(watch, [0, 9_000])
  expect([...lookUntil(watch, [13_000, 14_000]).silentMs]).toEqual([[2, 1_000]])
  expect([...lookUntil(watch, [15_000, 19_000], { unheardMs: 4_000 }).silentMs]).toEqual([[2, 0]])
})

test('a datapath that is deleted is seen to go', () => {
  const watch = new SilenceWatch()
  expect(lookUntil(watch, [0, 9_000]).undeletedMs).toBe(9_000)
  const after = lookUntil(watch, [10_000, 12_000], { ids: [1] })
  expect(after.undeletedMs).toBe(2_000)
  expect(after.silentMs.size).toBe(0)
})
