/** Many clients that want addresses of one small pool at once: each address is given once, and who gets none is told. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type HostProcess, startHostProcess } from '../support/host-process.ts'

const clients = 32
const requestsEach = 4
const poolSize = 100

let host: HostProcess
beforeAll(async () => {
  host = await startHostProcess()
  await host.api('POST', '/networks', { uuid: 'nw-a', mode: 'virtual', ipv4_network: '10.0.0.0' })
  for (let number = 0; number < clients; number++)
    await host.api('POST', '/interfaces', {
      uuid: `if-${number}`,
      mode: 'vif',
      mac_address: `02:00:00:00:01:${(number + 16).toString(16)}`,
    })
})
afterAll(() => host?.remove())

interface Lease {
  readonly ipv4_address: string
}

test.each(['incremental', 'decremental', 'random'])(
  '%s',
  async (allocation_type) => {
    const name = allocation_type.slice(0, 3)
    await host.api('POST', '/networks', { uuid: `nw-${name}`, mode: 'virtual', ipv4_network: '10.0.0.0' })
    await host.api('POST', '/ip_range_groups', { uuid: `iprg-${name}`, allocation_type })
    await host.api('POST', `/ip_range_groups/iprg-${name}/ip_ranges`, {
      begin_ipv4_address: '10.0.0.1',
      end_ipv4_address: `10.0.0.${poolSize}`,
    })
    await host.api('POST', '/lease_policies', { uuid: `lp-${name}` })
    await host.api('POST', `/lease_policies/lp-${name}/networks/nw-${name}`, {
      ip_range_group_uuid: `iprg-${name}`,
    })
    const client = async () => {
      const given: string[] = []
      for (let count = 0; count < requestsEach; count++) {
        const { status, answer } = await host.request('POST', `/lease_policies/lp-${name}/ip_leases`)
        if (status === 200) given.push((answer as Lease).ipv4_address)
        else expect([status, (answer as { code: string }).code]).toEqual([409, '115'])
      }
      return given
    }
    const given = (await Promise.all(Array.from({ length: clients }, client))).flat()
    expect(given.length).toBe(poolSize)
    expect(new Set(given).size).toBe(poolSize)
    expect(clients * requestsEach).toBeGreaterThan(poolSize)
  },
  60_000,
)

test('interfaces that get a policy at the same moment', async () => {
  await host.api('POST', '/ip_range_groups', { uuid: 'iprg-if' })
  await host.api('POST', '/ip_range_groups/iprg-if/ip_ranges', {
    begin_ipv4_address: '10.0.0.0',
    end_ipv4_address: '10.0.0.255',
  })
  await host.api('POST', '/lease_policies', { uuid: 'lp-if' })
  await host.api('POST', '/lease_policies/lp-if/networks/nw-a', { ip_range_group_uuid: 'iprg-if' })
  await Promise.all(
    Array.from({ length: clients }, (_, number) =>
      host.api('POST', `/lease_policies/lp-if/interfaces/if-${number}`),
    ),
  )
  const { items } = await host.api<{ items: { ipv4_address?: string }[] }>(
    'GET',
    '/lease_policies/lp-if/interfaces?limit=100',
  )
  const addresses = items.map(({ ipv4_address }) => Number(ipv4_address?.split('.')[3]))
  expect(addresses.toSorted((a, b) => a - b)).toEqual(Array.from({ length: clients }, (_, at) => at + 1))
}, 60_000)
