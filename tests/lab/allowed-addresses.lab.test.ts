/**
 * Addresses that machines have beside their leases: one that moves between them, under their own MAC addresses and under
 * that of a virtual router, and what is behind a machine that routes are led to.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { arp, broadcast, datagram, ethernet } from '../support/frames.ts'
import { whereTheyArrive } from '../support/marked.ts'
import type { Network } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { routerMac } from '../support/requests.ts'
import { addresses, green, type Name, pingText, startRoutedNetwork } from '../support/routed-network.ts'
import { arriving, sendFrames } from '../support/wire.ts'

const shared = '10.2.0.100'
const virtual = '10.2.0.101'
const virtualMac = '00:00:5e:00:01:0a'
const behind = '192.168.50.1'
const greens = ['green1', 'green2', 'green3'] as const

let network: Network
const machine = (name: Name) => network.lab.machine(name)
const allow = (name: Name, allowed_addresses: string) =>
  network.host.api('PUT', `/interfaces/if-${name}?wait=applied`, { allowed_addresses })
const held = async (name: Name) =>
  ((await network.host.api('GET', `/interfaces/if-${name}`)) as { held_addresses: string[] }).held_addresses
const announce = (name: Name, address: string, mac = machine(name).mac) =>
  sendFrames(machine(name), [ethernet(broadcast, mac, 0x0806, arp({ sha: mac, spa: address, tpa: address }))])
/** It gets the address and says so, as keepalived does. */
async function take(name: Name, address: string) {
  await machine(name).exec('ip', 'address', 'add', `${address}/32`, 'dev', 'eth0')
  await announce(name, address)
  await eventually(`${name} to have ${address}`, async () => (await held(name)).includes(address))
}
const give = (name: Name, address: string) =>
  machine(name).exec('ip', 'address', 'del', `${address}/32`, 'dev', 'eth0')
/** Where echo requests to an address arrive, under which MAC address. */
async function arrivals(from: Name, address: string) {
  const seen = await arriving(greens.map(machine), 'icmp[icmptype] == icmp-echo', () =>
    pingText(network, from, address),
  )
  return greens.flatMap((name) => seen[name]!.map((frame) => `${name} ${frame.slice(0, 12)}`))
}
const hex = (mac: string) => mac.replaceAll(':', '')

beforeAll(async () => {
  network = await startRoutedNetwork()
  await allow('green2', `${shared}, 192.168.50.0/24`)
  await allow('green1', `${virtual}@${virtualMac}`)
  await allow('green3', `${shared}, ${virtual}@${virtualMac}`)
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

describe('an address that machines have in turn', () => {
  test('is where a machine that may have it said last that it is: for neighbours, and for routers', async () => {
    expect(await pingText(network, 'red1', shared)).toContain('Destination Host Unreachable')
    await take('green2', shared)
    await reaches(machine('red1'), shared)
    await reaches(machine('green1'), shared)
    await reaches(machine('green3'), shared)
    expect(await arrivals('red1', shared)).toEqual([`green2 ${hex(machine('green2').mac)}`])
    await give('green2', shared)
    await take('green3', shared)
    expect(await held('green2')).toEqual([])
    await reaches(machine('red1'), shared)
    await reaches(machine('green1'), shared)
    expect(await arrivals('red1', shared)).toEqual([`green3 ${hex(machine('green3').mac)}`])
    expect(await arrivals('green1', shared)).toEqual([`green3 ${hex(machine('green3').mac)}`])
    // The other tenant has these addresses, too.
    expect(await isSilent(machine('blue1'), shared)).toBe(true)
  }, 60_000)

  test('is nothing that others may take, or send from', async () => {
    const mac = machine('green1').mac
    await announce('green1', shared)
    // Nor may who has one of these have another, or one that is leased.
    await announce('green3', '10.2.0.102')
    await announce('green3', addresses.green1)
    const to = [broadcast, mac] as const
    expect(
      await whereTheyArrive(machine('green1'), greens.map(machine), {
        own: (mark) => datagram(to, addresses.green1, '255.255.255.255', [7777, 7777], mark),
        taken: (mark) => datagram(to, shared, '255.255.255.255', [7777, 7777], mark),
        behind: (mark) => datagram(to, behind, '255.255.255.255', [7777, 7777], mark),
      }),
    ).toEqual({ own: ['green2', 'green3'], taken: [], behind: [] })
    expect([await held('green1'), await held('green3')]).toEqual([[], [shared]])
    expect(await arrivals('red1', shared)).toEqual([`green3 ${hex(machine('green3').mac)}`])
  }, 60_000)

  test('under the MAC address of a virtual router reaches the machine so, and no switch on the way', async () => {
    await announce('green3', virtual, virtualMac)
    await eventually('green3 to have it', async () => (await held('green3')).includes(virtual))
    expect(await arrivals('red1', virtual)).toEqual([`green3 ${hex(virtualMac)}`])
    expect(await arrivals('green2', virtual)).toEqual([`green3 ${hex(virtualMac)}`])
    await announce('green1', virtual, virtualMac)
    await eventually('green1 to have it', async () => (await held('green1')).includes(virtual))
    expect(await held('green3')).toEqual([shared])
    expect(await arrivals('green2', virtual)).toEqual([`green1 ${hex(virtualMac)}`])
    const wire = { name: 'node1', netns: network.lab.fabric, device: 'node1' }
    const frame = (mark: string) =>
      datagram([machine('green2').mac, virtualMac], virtual, addresses.green2, [7777, 7777], mark)
    const seen = await arriving([wire, machine('green2')], 'udp port 7777', () =>
      sendFrames(machine('green1'), [frame('00')]),
    )
    expect([...seen['node1']!, ...seen['green2']!].map((one) => one.slice(12, 24))).toEqual([
      hex(machine('green1').mac),
      hex(machine('green1').mac),
    ])
  }, 60_000)

  test('ends with its permission', async () => {
    await reaches(machine('red1'), shared)
    await allow('green3', `${virtual}@${virtualMac}`)
    expect(await held('green3')).toEqual([])
    expect(await pingText(network, 'red1', shared)).toContain('Destination Host Unreachable')
    const spoofed = (mark: string) =>
      datagram([broadcast, machine('green3').mac], shared, '255.255.255.255', [7777, 7777], mark)
    expect(await whereTheyArrive(machine('green3'), greens.map(machine), { spoofed })).toEqual({
      spoofed: [],
    })
  }, 60_000)
})

/** Carried out, down to what Open vSwitch has cached. */
async function applied(method: string, path: string, body?: unknown) {
  await network.host.api(method, `${path}?wait=applied`, body)
  await Promise.all(network.lab.hypervisors.map(({ openVswitch }) => openVswitch.appctl('revalidator/wait')))
}

describe('a route to a machine', () => {
  const route = {
    ...{ uuid: 'r-behind', interface_uuid: 'if-greengw', network_uuid: 'nw-green' },
    ...{ route_link_uuid: 'rl-one', ipv4_network: '192.168.50.0/24' },
  }

  test('leads to what is behind it, and back, while it is there', async () => {
    await machine('green2').exec('ip', 'address', 'add', `${behind}/32`, 'dev', 'lo')
    expect(await pingText(network, 'red1', behind)).toContain('Destination Net Unreachable')
    await applied('POST', '/routes', { ...route, ipv4_gateway: addresses.green2 })
    await reaches(machine('red1'), behind)
    const back = (mark: string) =>
      datagram([routerMac(green.number), machine('green2').mac], behind, addresses.red1, [7777, 7777], mark)
    expect(await whereTheyArrive(machine('green2'), [machine('red1')], { back })).toEqual({ back: ['red1'] })
    await applied('DELETE', '/routes/r-behind')
    expect(await pingText(network, 'red1', behind)).toContain('Destination Net Unreachable')
    await applied('POST', '/routes', { ...route, ipv4_gateway: '10.2.0.77' })
    expect(await pingText(network, 'red1', behind)).toContain('Destination Host Unreachable')
    await applied('DELETE', '/routes/r-behind')
    // By a route of the machine's own.
    await applied('PUT', '/interfaces/if-green2', { enable_routing: true })
    await applied('POST', '/routes', { ...route, interface_uuid: 'if-green2' })
    await reaches(machine('red1'), behind)
    await applied('PUT', '/interfaces/if-green2', { enable_routing: false })
    expect(await pingText(network, 'red1', behind)).toContain('Destination Net Unreachable')
    await applied('DELETE', '/routes/r-behind')
    // By an address that moves.
    await take('green2', shared)
    await applied('POST', '/routes', { ...route, ipv4_gateway: shared })
    await reaches(machine('red1'), behind)
  }, 60_000)

  test('carries nothing back that the machine may not send', async () => {
    await allow('green2', shared)
    const back = (mark: string) =>
      datagram([routerMac(green.number), machine('green2').mac], behind, addresses.red1, [7777, 7777], mark)
    expect(await whereTheyArrive(machine('green2'), [machine('red1')], { back })).toEqual({ back: [] })
  })
})

test('rules about a group of the machine are about what it may have and what is behind it, too, and about nobody else', async () => {
  await allow('green2', `${shared}, 192.168.50.0/24, 10.2.0.0/24`)
  await applied('POST', '/security_groups', { uuid: 'sg-front', display_name: 'front' })
  await applied('POST', '/security_groups', { uuid: 'sg-web', display_name: '', rules: 'udp:7777:sg-front' })
  await applied('POST', '/security_groups/sg-front/interfaces/if-green2')
  await applied('POST', '/security_groups/sg-web/interfaces/if-green1')
  await applied('PUT', '/interfaces/if-green1', { ingress_filtering_enabled: true })
  const said = async (from: Name, sources: readonly string[]) => {
    const macs = [machine('green1').mac, machine(from).mac] as const
    const frames = sources.map((source): [string, (mark: string) => string] => [
      source,
      (mark) => datagram([...macs], source, addresses.green1, [7777, 7777], mark),
    ])
    const seen = await whereTheyArrive(machine(from), [machine('green1')], Object.fromEntries(frames))
    return sources.filter((source) => seen[source]!.length > 0)
  }
  const own = [addresses.green2, shared, behind]
  // Of the network's addresses it may have all, and has these.
  expect(await said('green2', [...own, '10.2.0.150'])).toEqual(own)
  expect(await said('green3', [addresses.green3])).toEqual([])
  await allow('green2', shared)
  expect(await said('green2', own)).toEqual([addresses.green2, shared])
  await applied('DELETE', '/security_groups/sg-front/interfaces/if-green2')
  expect(await said('green2', own)).toEqual([])
}, 60_000)
