import { expect, test } from 'bun:test'
import { audit, OneAtATime } from './audit.ts'

test('datapaths are audited one after the other, and timers have their turn between them', async () => {
  const turns: number[] = []
  let turn = 0
  const timer = setInterval(() => turn++, 0)
  const rows = [1, 2, 3].map((id) => ({ id, uuid: `dp-${id}`, dpid: `0x${id}` }))
  const state = {
    view: { revision: 5 },
    served: () => rows,
    engine: {
      compare() {
        turns.push(turn)
        Bun.sleepSync(3)
        return []
      },
    },
  }
  const result = await audit(state as unknown as Parameters<typeof audit>[0], { get: () => undefined })
  clearInterval(timer)
  expect(result.revision).toBe(5)
  expect(result.datapaths.map(({ uuid, differences }) => [uuid, differences])).toEqual([
    ['dp-1', []],
    ['dp-2', []],
    ['dp-3', []],
  ])
  expect(new Set(turns).size).toBe(3)
})

test('who asks while one runs shares the next one, also after a failure', async () => {
  const gates: { resolve(value: number): void; reject(error: Error): void }[] = []
  const one = new OneAtATime(() => {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    gates.push({ resolve, reject })
    return promise
  })
  const first = one.ask()
  const crowd = Array.from({ length: 100 }, () => one.ask())
  await Bun.sleep(1)
  expect(gates.length).toBe(1)
  gates[0]!.reject(new Error('by intent'))
  expect(await first.catch((error: Error) => error.message)).toBe('by intent')
  await Bun.sleep(1)
  expect(gates.length).toBe(2)
  gates[1]!.resolve(2)
  expect(new Set(await Promise.all(crowd))).toEqual(new Set([2]))
  const last = one.ask()
  expect(gates.length).toBe(3)
  gates[2]!.resolve(3)
  expect(await last).toBe(3)
})
