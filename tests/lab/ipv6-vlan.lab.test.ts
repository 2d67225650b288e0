/** IPv6 of legacy machines on a VLAN, whom the state does not know, and of machines of their network anywhere. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import type { ApiRequest } from '../../cli/vnet/demo/network.ts'
import { Dhclient6 } from '../support/dhcpv6-client.ts'
import { datagram6, discovery, groupMac } from '../support/frames-ipv6.ts'
import { addresses, ipv6Requests, prefix, server } from '../support/ipv6-network.ts'
import { type LegacySwitch, startLegacySwitch } from '../support/legacy-switch.ts'
import { nowhere, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { networkRequests, routerMac, trunkRequests } from '../support/requests.ts'
import { arriving } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

let network: Network
let legacy: LegacySwitch
const reds = ['red1', 'red2', 'red3'] as const
const oldAddress = `${prefix}:50`
const oldMac = '00:1b:21:00:00:01'
const knownMac = '00:1b:21:00:00:02'
const plan = planOf({
  node1: ['red1', 'red4', 'blue1'],
  node2: ['red2', 'blue2', 'green2'],
  node3: ['red3', 'green3'],
})
const greenMachines = { green2: '2001:db8:9::12', green3: '2001:db8:9::13' } as const
const post = (path: string, body: ApiRequest['body']): ApiRequest => ({ method: 'POST', path, body })

/** A network with IPv6, joined to red by a router of IPv6. */
const greenRequests = [
  ...networkRequests(plan, { name: 'green', number: 9, subnet: '10.9.0' }).map(({ path, body, ...rest }) => ({
    ...{ ...rest, path },
    body: {
      ...body,
      ...(path === '/networks' ? { ipv6_network: '2001:db8:9::/64' } : {}),
      ...Object.fromEntries(
        Object.entries(greenMachines).flatMap(([name, address]) =>
          body['uuid'] === `if-${name}` ? [['ipv6_address', address] as const] : [],
        ),
      ),
    },
  })),
  post('/route_links', { uuid: 'rl-six' }),
  ...(
    [
      ['red', 1, '10.1.0.1', `${prefix}:1`, `${prefix}:/64`],
      ['green', 9, '10.9.0.1', '2001:db8:9::1', '2001:db8:9::/64'],
    ] as const
  ).flatMap(([name, number, ipv4_address, ipv6_address, ipv6_network]) => {
    const of = { interface_uuid: `if-${name}gw`, network_uuid: `nw-${name}` }
    return [
      post('/interfaces', {
        ...{ uuid: `if-${name}gw`, mode: 'simulated', enable_routing: true, network_uuid: `nw-${name}` },
        ...{ mac_address: routerMac(number), ipv4_address, ipv6_address },
      }),
      post('/routes', { uuid: `r-${name}`, ...of, route_link_uuid: 'rl-six', ipv6_network }),
    ]
  }),
]
const old = (name: string) => legacy.machine(name)

beforeAll(async () => {
  network = await startNetwork(plan, [
    ...ipv6Requests,
    ...greenRequests,
    ...trunkRequests('node1', 'trunk1', { 100: 'red' }),
  ])
  legacy = await startLegacySwitch('legacy6', [
    { name: 'oldred', mac: oldMac, vlan: 100, address: '10.1.0.50/24' },
    { name: 'known', mac: knownMac, vlan: 100 },
    { name: 'oldgrey', mac: '00:1b:21:00:00:04', vlan: 300, address: '10.1.0.51/24' },
  ])
  await legacy.trunk(network.lab.hypervisor('node1'), 'trunk1')
  const add = (address: string) => ['ip', '-6', 'address', 'replace', `${address}/64`, 'dev', 'eth0', 'nodad']
  await old('oldred').exec(...add(oldAddress))
  await old('oldgrey').exec(...add(`${prefix}:51`))
  for (const name of reds) await network.lab.machine(name).exec(...add(addresses[name]))
  await network.lab.machine('blue1').exec(...add(addresses.blue1))
  for (const [name, address] of Object.entries(greenMachines)) {
    await network.lab.machine(name).exec(...add(address))
    await network.lab.machine(name).exec('ip', '-6', 'route', 'replace', 'default', 'via', '2001:db8:9::1')
  }
  await old('oldred').exec('ip', '-6', 'route', 'replace', '2001:db8:9::/64', 'via', `${prefix}:1`)
}, 60_000)
afterAll(async () => {
  await legacy?.stop()
  await network?.stop()
})
afterEach(() => network.check())

test('they reach each other, and nobody else', async () => {
  for (const name of reds) {
    await reaches(old('oldred'), addresses[name])
    await reaches(network.lab.machine(name), oldAddress)
  }
  expect(await isSilent(old('oldgrey'), addresses.red1)).toBe(true)
  expect(await isSilent(network.lab.machine('blue1'), oldAddress)).toBe(true)
}, 60_000)

test('they are routed to and from other networks; who is not there is told of, and others are not asked', async () => {
  for (const [name, address] of Object.entries(greenMachines)) {
    await reaches(network.lab.machine(name), oldAddress)
    await reaches(old('oldred'), address)
    const lost = await network.lab
      .machine(name)
      .exec('ping', '-n', '-c', '1', '-W', '5', `${prefix}:99`)
      .catch(String)
    expect(lost).toContain('From 2001:db8:9::1 icmp_seq=1 Destination unreachable: Address unreachable')
  }
  expect(await isSilent(network.lab.machine('green3'), `${prefix}:51`)).toBe(true)
}, 60_000)

test('groups are heard everywhere in the network; what only routers, servers and others say nowhere', async () => {
  const places = [...network.lab.machines, old('oldgrey')]
  const to = (source: string, group: string) => (mark: string) =>
    datagram6([groupMac(group), oldMac], source, group, [7777, 7777], mark)
  const all = await whereTheyArrive(old('oldred'), places, { all: to(oldAddress, 'ff02::1') })
  expect(all['all']!.toSorted()).toEqual(['red1', 'red2', 'red3', 'red4'])
  const bad = {
    'the address of a machine': to(addresses.red2, 'ff02::1'),
    'an answer of a server': (mark: string) =>
      datagram6([groupMac('ff02::1'), oldMac], oldAddress, 'ff02::1', [547, 546], mark),
    'a router advertisement': (mark: string) =>
      discovery(
        [groupMac('ff02::1'), oldMac],
        'fe80::21b:21ff:fe00:1',
        'ff02::1',
        134,
        `40000708${'00'.repeat(8)}${mark}`,
      ),
  }
  expect(await whereTheyArrive(old('oldred'), places, bad)).toEqual(nowhere(bad))
}, 60_000)

const isTaken = async (name: string, address: string) => {
  await old(name).exec('ip', '-6', 'address', 'replace', `${address}/64`, 'dev', 'eth0')
  return eventually(`${name} to know whether ${address} is free`, async () => {
    const lines = await old(name).exec('ip', '-6', 'address', 'show', 'dev', 'eth0')
    const line = lines.split('\n').find((text) => text.includes(` ${address}/`))!
    return line.includes('dadfailed') ? 'taken' : line.includes('tentative') ? false : 'free'
  })
}

test('they find out whether an address is free', async () => {
  const asked = await arriving(
    [network.lab.machine('red2'), network.lab.machine('blue2')],
    'icmp6',
    async () => {
      expect(await isTaken('oldred', `${prefix}:77`)).toBe('free')
    },
  )
  const target = '20010db8000100000000000000000077'
  const heard = (name: 'red2' | 'blue2') => asked[name]!.filter((frame) => frame.includes(target)).length
  expect([heard('red2') > 0, heard('blue2')]).toEqual([true, 0])
  expect(await isTaken('oldred', addresses.red3)).toBe('taken')
  expect(await isTaken('oldred', server.address)).toBe('taken')
}, 60_000)

test('they are told of the prefix when they ask, and make an address of it; in other VLANs nobody is', async () => {
  for (const name of ['oldred', 'oldgrey']) {
    await old(name).exec('sysctl', '-q', '-w', 'net.ipv6.conf.eth0.router_solicitation_delay=0')
    await old(name).exec('ip', 'link', 'set', 'eth0', 'down')
    await old(name).exec('ip', 'link', 'set', 'eth0', 'up')
  }
  const shown = (name: string) => old(name).exec('ip', '-6', 'address', 'show', 'dev', 'eth0')
  await eventually('oldred to have made its address', async () =>
    (await shown('oldred')).includes('2001:db8:1:0:21b:21ff:fe00:1/64'),
  )
  await reaches(network.lab.machine('red2'), '2001:db8:1:0:21b:21ff:fe00:1')
  expect(await shown('oldgrey')).not.toContain('2001:db8:1:0:21b:21ff:fe00:4')
}, 60_000)

test('DHCPv6 gives those their addresses whom the state knows, and tells the others of name servers', async () => {
  const body = { uuid: 'if-known', mode: 'vif', network_uuid: 'nw-red', mac_address: knownMac }
  const address = `${prefix}:60`
  await network.host.api('POST', '/interfaces?wait=applied', { ...body, ipv6_address: address })
  const [known, stranger] = ['known', 'oldred'].map((name) => new Dhclient6(old(name)))
  try {
    await known!.get()
    expect(known!.last()).toMatchObject({ reason: 'BOUND6', ip6_address: address })
    await stranger!.get('-S')
    expect(stranger!.last()).toMatchObject({ dhcp6_name_servers: server.address })
  } finally {
    await Promise.all([known!.remove(), stranger!.remove()])
  }
  await reaches(network.lab.machine('red3'), address)
}, 60_000)

test('what is too large for machines of the network is told', async () => {
  // As one that does not heed the advertisement.
  await old('oldred').exec('sysctl', '-q', '-w', 'net.ipv6.conf.eth0.mtu=1500')
  for (const name of reds) {
    await reaches(old('oldred'), addresses[name])
    const lost = await old('oldred')
      .exec('ping', '-n', '-c', '1', '-W', '2', '-M', 'do', '-s', '1452', addresses[name])
      .catch(String)
    expect(lost).toContain(`From ${addresses[name]} icmp_seq=1 Packet too big: mtu=1458`)
  }
}, 60_000)

test('behind a second edge, at another datapath, they are found as well', async () => {
  const far = await startLegacySwitch('far6', [{ name: 'distant', mac: '00:1b:21:00:00:03', vlan: 200 }])
  try {
    await far.trunk(network.lab.hypervisor('node3'), 'trunk3')
    const distant = far.machine('distant')
    await distant.exec('ip', '-6', 'address', 'replace', `${prefix}:52/64`, 'dev', 'eth0', 'nodad')
    await distant.exec('ip', '-6', 'route', 'replace', '2001:db8:9::/64', 'via', `${prefix}:1`)
    for (const { method, path, body } of trunkRequests('node3', 'trunk3', { 200: 'red' }))
      await network.host.api(method, `${path}?wait=applied`, body)
    for (const name of Object.keys(greenMachines)) await reaches(network.lab.machine(name), `${prefix}:52`)
    await reaches(distant, greenMachines.green2)
  } finally {
    await far.stop()
  }
}, 60_000)
