import { expect, test } from 'bun:test'
import { silent } from '../log.ts'
import { LostEvents } from './lost-events.ts'

const dpid = '0x0000000000000001'

test('for all events that are lost meanwhile the ports are told once', async () => {
  const told: string[] = []
  const events = new LostEvents(silent, (of) => void told.push(of), 20)
  for (let n = 0; n < 1_000; n++) events.lost(dpid)
  await Bun.sleep(100)
  expect(told).toEqual([dpid])
  events.lost(dpid)
  await Bun.sleep(100)
  expect(told).toEqual([dpid, dpid])
})

test('ports whose telling is lost too are told after longer and longer pauses', async () => {
  const toldMs: number[] = []
  const events: LostEvents = new LostEvents(
    silent,
    () => {
      toldMs.push(performance.now())
      if (toldMs.length < 4) events.lost(dpid)
    },
    40,
  )
  const began = performance.now()
  events.lost(dpid)
  while (toldMs.length < 4) await Bun.sleep(10)
  expect(toldMs[3]! - began).toBeGreaterThan(40 + 80 + 160 + 300)
})

test('after the end nothing is told', async () => {
  const told: string[] = []
  const events = new LostEvents(silent, (of) => void told.push(of), 10)
  events.lost(dpid)
  events.close()
  await Bun.sleep(50)
  expect(told).toEqual([])
})
