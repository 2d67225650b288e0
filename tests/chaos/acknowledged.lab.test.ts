/** What was acknowledged is there, whoever is killed while clients write. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { reaches } from '../support/reach.ts'
import { lossDuring } from '../support/stream.ts'
import { lostOrHalf, writeDuring } from '../support/writers.ts'

const rounds = 5
const writingMs = 300

const wide = { uuid: 'nw-wide', mode: 'virtual', ipv4_network: '10.0.0.0', ipv4_prefix: 8 }

async function startWithClients(database?: string): Promise<Network> {
  const network = await startNetwork(undefined, undefined, database === undefined ? {} : { database })
  await network.host.api('POST', '/networks', wide)
  await Promise.all(['red1', 'red2'].map((name) => network.lab.machine(name).dhcp()))
  return network
}

/** No answer, or that the database is away: everything else would be a fault. */
const onlyAway = (failures: ReadonlyMap<number, number>) =>
  expect([...failures.keys()].filter((status) => status !== 0 && status !== 503)).toEqual([])

describe('a host that is killed', () => {
  const acknowledged: string[] = []
  let network: Network
  beforeAll(async () => {
    network = await startWithClients()
  }, 30_000)
  afterAll(() => network?.stop())

  test.each(Array.from({ length: rounds }, (_, n) => n + 1))(
    'has what it acknowledged, time %d',
    async (round) => {
      const { host } = network
      const written = await writeDuring(host, 'nw-wide', round, async () => {
        await Bun.sleep(writingMs * (0.5 + Math.random()))
        await host.kill9()
        await host.start()
        await Bun.sleep(writingMs)
      })
      acknowledged.push(...written.acknowledged)
      expect(written.acknowledged.length).toBeGreaterThan(10)
      onlyAway(written.failures)
      expect(await lostOrHalf(host, acknowledged)).toEqual([])
      await reaches(network.lab.machine('red1'), '10.0.0.12')
      await network.check()
    },
    30_000,
  )
})

describe('a database server that is killed', () => {
  const acknowledged: string[] = []
  let network: Network
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase(true)
    network = await startWithClients(database.url)
  }, 30_000)
  afterAll(async () => {
    await network?.stop()
    await database?.dispose()
  })

  test.each([1, 2, 3])(
    'has what was acknowledged, and the network goes on without it, time %d',
    async (round) => {
      const { host, lab } = network
      let loss = { sent: 0, lost: 0 }
      const written = await writeDuring(host, 'nw-wide', round, async () => {
        await Bun.sleep(writingMs * (0.5 + Math.random()))
        loss = await lossDuring(lab.machine('red1'), '10.0.0.12', async () => {
          await database.server!.kill()
          await Bun.sleep(writingMs)
          // The state is known without it: what only reads is answered.
          expect((await host.request('GET', '/networks/nw-wide')).status).toBe(200)
          expect((await host.request('PUT', '/networks/nw-wide', { display_name: 'x' })).status).toBe(503)
          await database.server!.restart()
        })
        await eventually(
          'writes to be taken again',
          async () =>
            (await host.request('PUT', '/networks/nw-wide', { display_name: `${round}` })).status === 200,
        )
        await Bun.sleep(writingMs)
      })
      acknowledged.push(...written.acknowledged)
      expect(written.acknowledged.length).toBeGreaterThan(10)
      expect(written.failures.get(503)).toBeGreaterThan(0)
      onlyAway(written.failures)
      expect(loss.sent).toBeGreaterThan(100)
      expect(loss.lost).toBe(0)
      expect(await lostOrHalf(host, acknowledged)).toEqual([])
      await network.check()
    },
    30_000,
  )

  test('whoever reads the database anew has the same', async () => {
    await network.host.kill9()
    await network.host.start()
    expect(await lostOrHalf(network.host, acknowledged)).toEqual([])
    await reaches(network.lab.machine('red1'), '10.0.0.12')
    await network.check()
  }, 30_000)
})
