/** IPv6 of legacy machines on a VLAN, whom the state does not know, and of machines of their network anywhere. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { Dhclient6 } from '../support/dhcpv6-client.ts'
import { datagram6, discovery, groupMac } from '../support/frames-ipv6.ts'
import { addresses, ipv6Plan, ipv6Requests, prefix, server } from '../support/ipv6-network.ts'
import { type LegacySwitch, startLegacySwitch } from '../support/legacy-switch.ts'
import { nowhere, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { trunkRequests } from '../support/requests.ts'
import { arriving } from '../support/wire.ts'

let network: Network
let legacy: LegacySwitch
const reds = ['red1', 'red2', 'red3'] as const
const oldAddress = `${prefix}:50`
const oldMac = '00:1b:21:00:00:01'
const knownMac = '00:1b:21:00:00:02'
const old = (name: string) => legacy.machine(name)

beforeAll(async () => {
  network = await startNetwork(ipv6Plan, [
    ...ipv6Requests,
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
