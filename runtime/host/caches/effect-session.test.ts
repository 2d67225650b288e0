import { expect, test } from 'bun:test'
import { eventually } from '../../../tests/support/open-vswitch.ts'
import { success } from '../../problem.ts'
import { EffectSession } from './effect-session.ts'

/** A message of a kind; flows have a hard time-out of a second, and a number. */
function message(kind: number, n: number) {
  const bytes = new Uint8Array(56)
  bytes[1] = kind
  bytes[29] = 1
  bytes[55] = n
  return bytes
}
function rig(matters: boolean) {
  const seen = { barriers: 0, drops: 0 }
  const session = {
    endedBy: null,
    packetOut: () => true,
    async barrier() {
      seen.barriers++
      return success(undefined)
    },
  }
  const caches = { mayMatter: async () => matters, drop: async () => void seen.drops++ }
  return { seen, flows: new EffectSession(session, caches) }
}

test('what is cached is dropped where flows begin, with no renewal, and where they have ended', async () => {
  const { seen, flows } = rig(true)
  for (const n of [1, 2]) flows.packetOut(message(14, n))
  await eventually('the first flows', () => seen.drops === 1)
  for (const n of [1, 2]) flows.packetOut(message(14, n))
  await eventually('their renewal', () => seen.barriers === 2)
  expect(seen.drops).toBe(1)
  flows.packetOut(message(14, 3))
  await eventually('another flow', () => seen.drops === 2)
  await eventually('the end of all', () => seen.drops > 2)
})

test('packets, and switches that renew by themselves, cost no barrier', async () => {
  const { seen, flows } = rig(true)
  flows.packetOut(message(13, 1))
  const other = rig(false)
  other.flows.packetOut(message(14, 1))
  await Bun.sleep(10)
  expect([seen, other.seen]).toEqual([
    { barriers: 0, drops: 0 },
    { barriers: 0, drops: 0 },
  ])
})
