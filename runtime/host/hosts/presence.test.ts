import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openStore, type Store } from '../../../db/store/store.ts'
import { createTestDatabase, type TestDatabase } from '../../../db/testing.ts'
import { describeWithServer } from '../../../tests/support/with-server.ts'
import { type HostDatabase, type HostReport, HostTable, type OtherHost } from './host-table.ts'
import { heartbeatMs, hostSilentMs } from './limits.ts'
import { Presence } from './presence.ts'
import { Reports } from './reports.ts'

/** A host as the others see it: a store, its presence, and switches that are as far as a test says. */
class TestHost {
  readonly applied = new Map<number, number>()
  others: readonly OtherHost[] = []
  readonly presence: Presence
  readonly #store: Store

  private constructor(store: Store, nodeId: string, flowsVersion: number) {
    this.#store = store
    const report = (): HostReport => ({ nodeId, flowsVersion, applied: this.applied })
    const onOthers = (others: readonly OtherHost[]) => {
      this.others = others
    }
    this.presence = new Presence({ database: store, report, onOthers })
  }

  static async start(url: string, nodeId: string, applied: [number, number][] = [], flowsVersion = 1) {
    const host = new TestHost(await openStore({ url }), nodeId, flowsVersion)
    for (const [id, revision] of applied) host.applied.set(id, revision)
    await host.presence.start()
    return host
  }

  /** A switch acknowledges. */
  apply(datapathId: number, revision: number): void {
    this.applied.set(datapathId, revision)
    this.presence.progress()
  }

  leave(datapathId: number): void {
    this.applied.delete(datapathId)
    this.presence.progress()
  }

  /** As SIGKILL does. */
  async die(): Promise<void> {
    await this.#store.close()
  }

  async stop(): Promise<void> {
    await this.presence.close()
    await this.#store.close()
  }
}

let database: TestDatabase
const hosts: TestHost[] = []
const start = async (nodeId: string, applied: [number, number][] = [], flowsVersion = 1) => {
  const host = await TestHost.start(database.url, nodeId, applied, flowsVersion)
  hosts.push(host)
  return host
}
describeWithServer('presence', () => {
  beforeEach(async () => {
    database = await createTestDatabase(true)
  })
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.stop()))
    await database.dispose()
  })

  /** How long it takes, in ms, and what comes of it. */
  async function timed<T>(promise: Promise<T>): Promise<{ value: T; ms: number }> {
    const began = performance.now()
    return { value: await promise, ms: performance.now() - began }
  }

  test('a host knows the others, and what they serve', async () => {
    const a = await start('a', [[1, 7]])
    const b = await start('b', [[2, -1]], 3)
    expect(b.others).toMatchObject([{ nodeId: 'a', flowsVersion: 1, applied: new Map([[1, 7]]) }])
    await Bun.sleep(heartbeatMs + 300)
    expect(a.others).toMatchObject([{ nodeId: 'b', flowsVersion: 3, applied: new Map([[2, -1]]) }])
  })

  test('one of the hosts is the first, and when it is gone, another', async () => {
    const all = [await start('a'), await start('b'), await start('c')]
    const first = async (among: readonly TestHost[]) => {
      await Bun.sleep(heartbeatMs + 300)
      return among.filter(({ presence }) => presence.isFirst)
    }
    const [one, ...none] = await first(all)
    expect(none).toEqual([])
    hosts.splice(hosts.indexOf(one!), 1)
    await one!.stop()
    const left = all.filter((host) => host !== one)
    expect((await first(left)).length).toBe(1)
  })

  test('a wait that was announced ends soon after the last switch of another host has acknowledged', async () => {
    const a = await start('a', [[1, 5]])
    const b = await start('b', [
      [2, 5],
      [3, 5],
    ])
    await a.presence.announceWait(5_000)
    const wait = timed(a.presence.whenApplied(8, 5_000))
    b.apply(2, 8)
    await Bun.sleep(100)
    b.apply(3, 9)
    const { value, ms } = await wait
    expect(value).toEqual({ connected: new Set([2, 3]), pending: new Set() })
    expect(ms).toBeGreaterThan(80)
    // Sooner than by a heartbeat.
    expect(ms).toBeLessThan(600)
  })

  test('nothing is written for a switch that acknowledges while nobody waits, until the next heartbeat', async () => {
    const a = await start('a', [[1, 5]])
    const b = await start('b', [[2, 5]])
    b.apply(2, 6)
    await Bun.sleep(100)
    const { value } = await timed(a.presence.whenApplied(6, 0))
    expect([...value.pending]).toEqual([2])
    // Without an announcement it comes with the heartbeat.
    expect((await a.presence.whenApplied(6, 5_000)).pending.size).toBe(0)
  })

  test('a switch that does not acknowledge is pending when the time is over', async () => {
    const a = await start('a')
    await start('b', [
      [2, 9],
      [3, 5],
    ])
    const { value, ms } = await timed(a.presence.whenApplied(9, 300))
    expect(value).toEqual({ connected: new Set([2, 3]), pending: new Set([3]) })
    expect(ms).toBeGreaterThan(250)
  })

  test('a switch that leaves while somebody waits is waited for no longer', async () => {
    const a = await start('a')
    const b = await start('b', [[2, 5]])
    const wait = timed(a.presence.whenApplied(9, 5_000))
    await Bun.sleep(50)
    b.leave(2)
    const { value, ms } = await wait
    expect(value).toEqual({ connected: new Set(), pending: new Set() })
    expect(ms).toBeLessThan(heartbeatMs)
  })

  test('a host that dies is waited for no longer than it takes to count as dead', async () => {
    const a = await start('a')
    const b = await start('b', [[2, 5]])
    await b.die()
    const { value, ms } = await timed(a.presence.whenApplied(9, 10_000))
    expect(value).toEqual({ connected: new Set(), pending: new Set() })
    expect(ms).toBeGreaterThan(hostSilentMs - heartbeatMs - 500)
    expect(ms).toBeLessThan(hostSilentMs + 2_000)
  }, 15_000)

  test('a host that stops is gone at once', async () => {
    const a = await start('a')
    const b = await start('b', [[2, 5]])
    await b.stop()
    const { value, ms } = await timed(a.presence.whenApplied(9, 10_000))
    expect(value.connected?.size).toBe(0)
    expect(ms).toBeLessThan(heartbeatMs)
  })

  test('a datapath that two hosts serve is as far as the one behind', async () => {
    const a = await start('a')
    const b = await start('b', [[2, 9]])
    const c = await start('c', [[2, 8]])
    await a.presence.announceWait(5_000)
    expect([...(await a.presence.whenApplied(9, 100)).pending]).toEqual([2])
    c.apply(2, 9)
    expect((await a.presence.whenApplied(9, 5_000)).pending.size).toBe(0)
    b.leave(2)
    c.leave(2)
  })

  test('without the database nobody knows; hosts that were silent only for that are not dead', async () => {
    const a = await start('a')
    const b = await start('b', [[2, 5]])
    await database.server!.kill()
    const { value, ms } = await timed(a.presence.whenApplied(9, 500))
    expect(value.connected).toBeUndefined()
    expect(ms).toBeLessThan(2_000)
    await Bun.sleep(hostSilentMs + heartbeatMs)
    await database.server!.restart()
    const wait = a.presence.whenApplied(9, 5_000)
    b.apply(2, 9)
    expect(await wait).toEqual({ connected: new Set([2]), pending: new Set() })
  }, 20_000)

  test('of two reports the newer one stays, however slowly the older one arrives', async () => {
    const a = await start('a')
    const store = await openStore({ url: database.url })
    let pauseMs = 300
    const slowDatabase: HostDatabase = {
      query: (sql, parameters) => store.query(sql, parameters),
      async execute(sql, parameters) {
        const thisPauseMs = pauseMs
        pauseMs = 0
        await Bun.sleep(thisPauseMs)
        return store.execute(sql, parameters)
      },
    }
    let revision = 1
    const report = (): HostReport => ({ nodeId: null, flowsVersion: 1, applied: new Map([[2, revision]]) })
    const reports = new Reports(new HostTable(slowDatabase, 'slow'), report)
    const older = reports.write()
    await Bun.sleep(50)
    revision = 2
    await Promise.all([older, reports.write()])
    expect(await a.presence.whenApplied(2, 0)).toEqual({ connected: new Set([2]), pending: new Set() })
    await store.close()
  })

  test('many hosts that all wait and all apply: every wait ends', async () => {
    const many = await Promise.all(Array.from({ length: 8 }, (_, n) => start(`n${n}`, [[n, 0]])))
    for (let revision = 1; revision <= 20; revision++) {
      const waits = many.map(async ({ presence }) => {
        await presence.announceWait(5_000)
        return presence.whenApplied(revision, 5_000)
      })
      for (const [n, host] of many.entries()) host.apply(n, revision)
      for (const { pending, connected } of await Promise.all(waits)) {
        expect(pending.size).toBe(0)
        expect(connected?.size).toBe(7)
      }
    }
  }, 60_000)
})
