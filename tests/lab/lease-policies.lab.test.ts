/** Addresses that machines get from a lease policy when they ask by DHCP, as long as they renew them. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { demoPlan } from '../../cli/lab/plan.ts'
import { Dhclient, Udhcpc } from '../support/dhcp-clients.ts'
import { dhcpFrame } from '../support/dhcp-frames.ts'
import { Dhclient6 } from '../support/dhcpv6-client.ts'
import { identifierOf, restartIpv6, usable } from '../support/ipv6-network.ts'
import { leasePolicyRequests } from '../support/lease-policy.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { sendFrames } from '../support/wire.ts'

const first = '10.0.0.50'
const second = '10.0.0.51'
const third = '10.0.0.52'
let network: Network
const machine = (name: string) => network.lab.machine(name)
/** In seconds, less what has passed since the lease was given. */
const anHour = expect.stringMatching(/^3(600|5[5-9]\d)$/)
beforeAll(async () => {
  network = await startNetwork(demoPlan, leasePolicyRequests(first, second))
})
afterAll(() => network?.stop())
afterEach(() => network.check())

interface IpLease {
  readonly ipv4_address: string
  readonly interface_uuid?: string
}

/** Who has which address, by what the API says. */
async function leases(): Promise<Record<string, string | null>> {
  const { items } = await network.host.api<{ items: IpLease[] }>(
    'GET',
    '/ip_lease_containers/ilc-a/ip_leases',
  )
  return Object.fromEntries(items.map((one) => [one.ipv4_address, one.interface_uuid ?? null]))
}

const retention = (times: object) => network.host.api('PUT', '/ip_retention_containers/irc-a', times)
const untilLeases = (expected: Record<string, string | null>) =>
  eventually(`leases ${JSON.stringify(expected)}`, async () => Bun.deepEquals(await leases(), expected))

const getsNothing = (name: string) =>
  expect(
    machine(name).exec(
      ...['udhcpc', '-i', 'eth0', '-f', '-n', '-q', '-s', '/bin/true', '-t', '2', '-T', '1', '-A', '1'],
    ),
  ).rejects.toThrow()

test('a machine gets the next address when it asks, for as long as the policy says', async () => {
  expect(await leases()).toEqual({})
  const lease = await machine('red1').dhcp()
  expect(lease).toMatchObject({ address: first, prefix: 24 })
  expect(lease.options).toMatchObject({ lease: anHour, serverid: '10.0.0.2' })
  const client = new Dhclient(machine('red2'))
  try {
    await client.get()
    expect(client.events().at(-1)).toMatchObject({ ip_address: second, dhcp_lease_time: anHour })
    expect(await leases()).toEqual({ [first]: 'if-red1', [second]: 'if-red2' })
    await reaches(machine('red1'), second)
    await reaches(machine('red2'), first)
  } finally {
    await client.remove()
  }
  expect((await machine('red1').dhcp()).address).toBe(first)
  expect((await machine('red2').dhcp()).address).toBe(second)
}, 60_000)

test('there is none for a third, and it cannot take that of another', async () => {
  await getsNothing('red3')
  await machine('red3').exec('ip', 'address', 'replace', `${first}/24`, 'dev', 'eth0')
  try {
    expect(await isSilent(machine('red3'), second)).toBe(true)
    expect(await isSilent(machine('red3'), '10.0.0.2')).toBe(true)
    await reaches(machine('red2'), first)
    await reaches(machine('red1'), second)
  } finally {
    await machine('red3').exec('ip', 'address', 'flush', 'dev', 'eth0')
  }
  expect(await leases()).toEqual({ [first]: 'if-red1', [second]: 'if-red2' })
}, 60_000)

test('one that is not renewed ends, and its flows with it; within the grace time its machine gets it again', async () => {
  await retention({ lease_time: 1 })
  await untilLeases({ [first]: null, [second]: null })
  await retention({ lease_time: 3_600 })
  await eventually('the flows to follow', () => isSilent(machine('red1'), '10.0.0.2'))
  await network.check()
  await getsNothing('red3')
  expect((await machine('red2').dhcp()).address).toBe(second)
  expect(await leases()).toEqual({ [first]: null, [second]: 'if-red2' })
  await reaches(machine('red2'), '10.0.0.2')
  expect(await isSilent(machine('red1'), second)).toBe(true)
}, 60_000)

test('after the grace time an address is free for others', async () => {
  await retention({ grace_time: 1 })
  await untilLeases({ [second]: 'if-red2' })
  await retention({ grace_time: 3_600 })
  expect((await machine('red3').dhcp()).address).toBe(first)
  await reaches(machine('red3'), second)
  // The machine that has had it still believes in it.
  expect(await isSilent(machine('red1'), second)).toBe(true)
  await getsNothing('red1')
}, 60_000)

test('a client keeps its address for as long as it renews it, and no longer', async () => {
  const client = new Udhcpc(machine('red2'))
  try {
    await client.bound(1)
    await retention({ lease_time: 4 })
    for (let count = 0; count < 14; count++) {
      client.renew()
      await Bun.sleep(500)
      expect((await leases())[second]).toBe('if-red2')
    }
  } finally {
    await client.end()
  }
  await untilLeases({ [first]: null, [second]: null })
  await retention({ lease_time: 3_600 })
  expect((await machine('red3').dhcp()).address).toBe(first)
  expect((await machine('red2').dhcp()).address).toBe(second)
}, 60_000)

test('a client that gives its address back loses it at once, and gets it again', async () => {
  const client = new Udhcpc(machine('red2'))
  try {
    await client.bound(1)
    await reaches(machine('red2'), first)
    client.release()
    await untilLeases({ [first]: 'if-red3', [second]: null })
    client.renew()
    await client.bound(2)
    expect(await leases()).toEqual({ [first]: 'if-red3', [second]: 'if-red2' })
    await reaches(machine('red2'), first)
  } finally {
    await client.end()
  }
}, 60_000)

test('a client that finds its address in use gets another, and loses the one before', async () => {
  await network.host.api('POST', '/ip_range_groups/iprg-a/ip_ranges', {
    begin_ipv4_address: third,
    end_ipv4_address: third,
  })
  const options = `3501043204${'0a000033'}3604${'0a000002'}`
  const decline = dhcpFrame({ source: machine('red2').mac, transactionId: 1, options })
  await sendFrames(machine('red2'), [decline])
  await untilLeases({ [first]: 'if-red3', [third]: 'if-red2' })
  expect((await machine('red2').dhcp()).address).toBe(third)
  await reaches(machine('red2'), first)
}, 60_000)

test('a policy that is no longer an interface’s leaves it what it has; without lease it is in no network', async () => {
  await network.host.api('DELETE', '/lease_policies/lp-a/interfaces/if-red1?wait=applied')
  await getsNothing('red1')
  const { items } = await network.host.api<{ items: object[] }>('GET', '/interfaces/if-red1/networks')
  expect(items).toEqual([])
  await network.host.api('DELETE', '/lease_policies/lp-a/interfaces/if-red2?wait=applied')
  await reaches(machine('red2'), first)
}, 60_000)

test('where the network has IPv6, a machine gets the address of its MAC, too: by DHCP, DHCPv6, or making it', async () => {
  const { api } = { api: network.host.api.bind(network.host) }
  const { items } = await api<{ items: { uuid: string }[] }>('GET', '/ip_lease_containers/ilc-a/ip_leases')
  for (const { uuid } of items) await api('DELETE', `/ip_leases/${uuid}`)
  for (const name of ['red1', 'red2']) await api('POST', `/lease_policies/lp-a/interfaces/if-${name}`)
  await api('DELETE', '/lease_policies/lp-a/interfaces/if-red3')
  await api('PUT', '/networks/nw-red', { ipv6_network: '2001:db8:1::/64' })
  const server = { interface_uuid: 'if-dhcp', network_uuid: 'nw-red', ipv6_address: '2001:db8:1::2' }
  await api('POST', '/ip_leases?wait=applied', server)
  const address = (name: string) => `2001:db8:1:0:${identifierOf(machine(name).mac)}`
  await Promise.all(['red1', 'red2', 'red3'].map((name) => restartIpv6(network, name)))
  await Promise.all(
    ['red1', 'red2'].map((name) => usable(network, name, `fe80::${identifierOf(machine(name).mac)}`)),
  )
  const client = new Dhclient6(machine('red1'))
  try {
    // Without a word of DHCP: the lease has both addresses.
    await client.get()
    expect(client.last()).toMatchObject({ reason: 'BOUND6', ip6_address: address('red1'), max_life: anHour })
    expect((await machine('red2').dhcp()).address).toBe(second)
    expect(await leases()).toEqual({ [first]: 'if-red1', [second]: 'if-red2' })
    await usable(network, 'red2', address('red2'))
    await reaches(machine('red1'), address('red2'))
    await reaches(machine('red2'), address('red1'))
    // Who is in no policy has none, and cannot take it.
    await machine('red3').exec('ip', 'address', 'add', `${address('red3')}/64`, 'dev', 'eth0', 'nodad')
    expect(await isSilent(machine('red3'), address('red1'))).toBe(true)
    // Both go together.
    const [gone] = (await api<{ items: { uuid: string }[] }>('GET', '/ip_lease_containers/ilc-a/ip_leases'))
      .items
    await api('DELETE', `/ip_leases/${gone!.uuid}?wait=applied`)
    expect(await isSilent(machine('red2'), address('red1'))).toBe(true)
    await reaches(machine('red2'), server.ipv6_address)
  } finally {
    await client.remove()
  }
}, 60_000)
