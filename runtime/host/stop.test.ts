import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { type HostProcess, startHostProcess } from '../../tests/support/host-process.ts'
import { eventually } from '../../tests/support/open-vswitch.ts'
import { typeAt, u16At } from '../openflow/channel/header.ts'
import { FakeSwitch } from '../openflow/channel/testing.ts'

/** What the host promises of SIGTERM. */
const stopsWithinMs = 2_000
const multipartRequest = 18
const flowDescription = 1

let host: HostProcess | undefined
let silent: FakeSwitch | undefined
afterAll(async () => {
  silent?.close()
  await host?.remove()
})

test('a host that is told to end answers who waits for a switch, and ends', async () => {
  host = await startHostProcess()
  const address = `unix:${join(host.state, 'of.sock')}`
  // It is served, and never says which flows it has.
  silent = await FakeSwitch.connect(address, {
    intercept: (bytes) => typeAt(bytes, 0) === multipartRequest && u16At(bytes, 8) === flowDescription,
  })
  await host.api('POST', '/datapaths', {
    uuid: 'dp-silent',
    display_name: 'silent',
    dpid: '0x0000000000000001',
    node_id: 'node',
    trusted_fail_mode: true,
  })
  await eventually('the switch to be asked for its flows', () =>
    silent!.received.some(
      (bytes) => typeAt(bytes, 0) === multipartRequest && u16At(bytes, 8) === flowDescription,
    ),
  )
  const waits = fetch(`${host.apiUrl}/api/1.0/networks?wait=applied&timeout_ms=60000`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uuid: 'nw-a', mode: 'virtual', ipv4_network: '10.0.0.0' }),
  })
  await eventually('the write', async () => {
    const list = await (await fetch(`${host!.apiUrl}/api/1.0/networks`)).text()
    return list.includes('nw-a')
  })
  expect(await host.stop()).toBeLessThan(stopsWithinMs)
  const answer = await waits
  expect([answer.status, answer.headers.get('x-vnet-pending')]).toEqual([200, 'dp-silent'])
}, 30_000)
