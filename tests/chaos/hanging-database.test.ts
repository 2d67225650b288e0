/** A database server that takes connections and never says a word. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type HostProcess, startHostProcess } from '../support/host-process.ts'

/** What the host promises of SIGTERM. */
const stopsWithinMs = 2_000

let silent: Bun.TCPSocketListener
let host: HostProcess

beforeAll(() => {
  silent = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
})
afterAll(async () => {
  await host?.remove()
  silent?.stop(true)
})

test('a host that waits for it is up, says so, and ends when told to', async () => {
  host = await startHostProcess(
    { database: `http://127.0.0.1:${silent.port}`, ovsdb: ['unix:/nowhere/db.sock'] },
    true,
  )
  const { status, answer } = await host.request('POST', '/networks', { ipv4_network: '10.0.0.0' })
  expect(status).toBe(503)
  expect(JSON.stringify(answer)).toContain('database')
  expect(await host.stop()).toBeLessThan(stopsWithinMs)
  await host.start(true)
  // By now its first attempt is given up as the one to wait for.
  await Bun.sleep(1_500)
  expect(await host.stop()).toBeLessThan(stopsWithinMs)
}, 20_000)
