import { afterEach, beforeEach, expect, test } from 'bun:test'
import { openStore } from '../../db/store/store.ts'
import { createTestDatabase, type TestDatabase } from '../../db/testing.ts'
import { HostProcess, startHostProcess } from '../../tests/support/host-process.ts'
import { eventually } from '../../tests/support/open-vswitch.ts'
import { describeWithServer } from '../../tests/support/with-server.ts'

let database: TestDatabase
let host: HostProcess | undefined
describeWithServer('a host and its database server', () => {
  beforeEach(async () => {
    database = await createTestDatabase(true)
  })
  afterEach(async () => {
    await host?.remove()
    await database.dispose()
  })

  async function execute(sql: string): Promise<void> {
    const statement = { type: 'execute', stmt: { sql } }
    const response = await fetch(`${database.url}/v3/pipeline`, {
      method: 'POST',
      body: JSON.stringify({ baton: null, requests: [statement, { type: 'close' }] }),
    })
    expect(await response.text()).not.toContain('"error"')
  }
  const later = `INSERT INTO schema_migrations VALUES (999, '0999_later', 'x', 0)`
  const notLater = 'DELETE FROM schema_migrations WHERE number = 999'
  const addNetwork = (uuid: string) =>
    host!.request('POST', '/networks', { uuid, mode: 'virtual', ipv4_network: '10.0.0.0' })
  /** A write is refused, with a reason that says this. */
  const isRefused = (reason: string) =>
    eventually(`a refusal that says "${reason}"`, async () => {
      const { status, answer } = await addNetwork('nw-refused')
      expect(status).toBe(503)
      return JSON.stringify(answer).includes(reason)
    })
  const isServed = (uuid: string) =>
    eventually('the host to serve', async () => (await addNetwork(uuid)).status < 300)

  test('a host whose database is away when it starts says why, and serves as soon as it is there', async () => {
    await database.server!.kill()
    host = new HostProcess({ database: database.url })
    await host.start(true)
    await isRefused('cannot be reached')
    await database.server!.restart()
    await isServed('nw-b')
  }, 30_000)

  test('a host that is older than the database says so, and serves once that is put right', async () => {
    await (await openStore({ url: database.url })).close()
    await execute(later)
    host = new HostProcess({ database: database.url })
    await host.start(true)
    await isRefused('newer than this program')
    await execute(notLater)
    await isServed('nw-b')
  }, 30_000)

  test('a host under which the database is migrated says so, and writes nothing', async () => {
    host = await startHostProcess({ database: database.url })
    await isServed('nw-a')
    await execute(later)
    await isRefused('another version of this program')
    await execute(notLater)
    await isServed('nw-b')
  }, 30_000)
})
