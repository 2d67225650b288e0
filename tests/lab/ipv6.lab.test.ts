/** IPv6 beside IPv4: real stacks that make their addresses or ask for them, and guests that say what is not true. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { Dhclient6 } from '../support/dhcpv6-client.ts'
import { askTcp, lookUp, queryText, withLength } from '../support/dns-client.ts'
import {
  advertisement,
  datagram6,
  discovery,
  groupMac,
  ipv6Hex,
  solicitation,
  sourceOption,
  targetOption,
} from '../support/frames-ipv6.ts'
import {
  addresses,
  ipv6Plan,
  ipv6Requests,
  linkLocal,
  macOf,
  type Name,
  names,
  prefix,
  restartIpv6,
  server,
  usable,
} from '../support/ipv6-network.ts'
import { type Marked, nowhere, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { arriving, type Place, sendFrames } from '../support/wire.ts'

interface Lease {
  readonly uuid: string
  readonly interface_uuid?: string
}

let network: Network
const machine = (name: string) => network.lab.machine(name)
const allNodes = '33:33:00:00:00:01'
const reds = ['red1', 'red2', 'red3', 'red4'] as const
const clients: Dhclient6[] = []

async function obtain(name: Name): Promise<Record<string, string>> {
  const client = new Dhclient6(machine(name))
  clients.push(client)
  await client.get()
  await usable(network, name, addresses[name])
  return client.last()
}

beforeAll(async () => {
  network = await startNetwork(ipv6Plan, ipv6Requests)
  await Promise.all(names.map((name) => restartIpv6(network, name)))
  await Promise.all(names.map((name) => usable(network, name, linkLocal(name))))
}, 60_000)
afterAll(async () => {
  await Promise.all(clients.map((client) => client.remove()))
  await network?.stop()
})
afterEach(() => network.check())

const everyone = (): Place[] => [
  ...network.lab.machines,
  ...network.lab.hypervisors.flatMap(({ name, openVswitch }) => [
    { name: `wire of ${name}`, netns: network.lab.fabric, device: name },
    { name: `host ${name}`, netns: openVswitch.netns, device: 'br0' },
  ]),
]

describe('a machine', () => {
  test('makes its address by itself where that is what is leased to it, else asks for it', async () => {
    await usable(network, 'red1', addresses.red1)
    const told = await Promise.all((['red2', 'red3', 'red4', 'blue1', 'blue2'] as const).map(obtain))
    expect(told[0]).toMatchObject({
      reason: 'BOUND6',
      ip6_address: addresses.red2,
      dhcp6_domain_search: 'red.',
      dhcp6_name_servers: server.address,
    })
    expect(told[4]?.['dhcp6_name_servers']).toBeUndefined()
    expect(told[4]).toMatchObject({ reason: 'BOUND6', ip6_address: addresses.blue2 })
    const shown = await machine('red2').exec('ip', '-6', 'address', 'show', 'dev', 'eth0', 'scope', 'global')
    expect([...shown.matchAll(/inet6/g)]).toHaveLength(1)
    expect(await machine('red2').exec('cat', '/proc/sys/net/ipv6/conf/eth0/mtu')).toBe('1458')
  }, 60_000)

  test('gives its address back, or asks for all but an address', async () => {
    const client = clients[0]!
    await client.release()
    expect(client.last()['reason']).toBe('RELEASE6')
    await client.get('-S')
    expect(client.last()).toMatchObject({ dhcp6_name_servers: server.address })
    expect(client.last()['ip6_address']).toBeUndefined()
    await machine('red2').exec('ip', '-6', 'address', 'add', `${addresses.red2}/128`, 'dev', 'eth0', 'nodad')
  }, 30_000)

  test('asks its name server over IPv6, by UDP and by TCP', async () => {
    expect(await lookUp(machine('red3'), server.address, 'AAAA', 'red2.red')).toEqual({
      records: [addresses.red2],
    })
    expect(await lookUp(machine('red1'), server.address, 'A', 'red2.red')).toEqual({ records: ['10.1.0.13'] })
    const answer = await askTcp(machine('red1'), server.address, [withLength(queryText('red2.red', 28))])
    expect(answer).toContain(ipv6Hex(addresses.red2))
  }, 30_000)

  test('reaches the others of its network: on its hypervisor, over the wire, through a tunnel', async () => {
    for (const to of ['red4', 'red2', 'red3'] as const) {
      await reaches(machine('red1'), addresses[to])
      await reaches(machine(to), addresses.red1)
      await reaches(machine(to), `${linkLocal('red1')}%eth0`)
      await reaches(machine(to), server.address)
    }
    // The same address is another machine's in another network.
    await reaches(machine('blue1'), addresses.blue2)
  }, 60_000)

  test('hears groups of its network, and only those', async () => {
    const to = (source: string, group: string) => (mark: string) =>
      datagram6([groupMac(group), macOf('red1')], source, group, [7777, 7777], mark)
    const frames = { all: to(linkLocal('red1'), 'ff02::1'), names: to(addresses.red1, 'ff02::fb') }
    const machines = network.lab.machines.filter(({ name }) => name !== 'red1')
    expect(await whereTheyArrive(machine('red1'), machines, frames)).toEqual({
      all: ['red4', 'red2', 'red3'],
      names: ['red4', 'red2', 'red3'],
    })
    const { red2 = [] } = await arriving([machine('red2')], 'udp port 7777', () =>
      sendFrames(machine('red1'), [frames.names('ab')]),
    )
    expect(red2.map((frame) => frame.slice(0, 24))).toEqual([
      `3333000000fb${macOf('red1').replaceAll(':', '')}`,
    ])
  }, 30_000)
})

describe('what a machine says that is not true', () => {
  const mac = macOf('red1')
  const foreign = '52:54:00:99:99:99'
  const toRed2 =
    (source: string, from = mac, destination: string = addresses.red2) =>
    (mark: string) =>
      datagram6([macOf('red2'), from], source, destination, [7777, 7777], mark)

  test('arrives nowhere: foreign sources, router advertisements, redirects, answers of servers', async () => {
    const frames: Record<string, Marked> = {
      'the address of another': toRed2(addresses.red4),
      'an address of nobody': toRed2(`${prefix}:77`),
      'the address of a service': toRed2(server.address),
      'another MAC': toRed2(addresses.red1, foreign),
      'a link-local address of another': toRed2(linkLocal('red4'), mac, linkLocal('red2')),
      'the link-local address of a service': toRed2(server.linkLocal, mac, linkLocal('red2')),
      'no address': toRed2('::'),
      'a router advertisement': (mark) =>
        discovery([allNodes, mac], linkLocal('red1'), 'ff02::1', 134, `40000708${'00'.repeat(8)}${mark}`),
      'a redirect': (mark) =>
        discovery(
          [macOf('red2'), mac],
          linkLocal('red1'),
          addresses.red2,
          137,
          `00000000${ipv6Hex(linkLocal('red1'))}${ipv6Hex(addresses.red4)}${mark}`,
        ),
      'an answer of a DHCPv6 server': (mark) =>
        datagram6([macOf('red2'), mac], linkLocal('red1'), linkLocal('red2'), [547, 546], mark),
      'something to another network': (mark) =>
        datagram6([macOf('blue2'), mac], addresses.red1, addresses.blue2, [7777, 7777], mark),
    }
    expect(await whereTheyArrive(machine('red1'), everyone(), frames)).toEqual(nowhere(frames))
    const good = {
      control: toRed2(addresses.red1),
      neighbour: toRed2(linkLocal('red1'), mac, linkLocal('red2')),
    }
    expect(await whereTheyArrive(machine('red1'), [...network.lab.machines], good)).toEqual({
      control: ['red2'],
      neighbour: ['red2'],
    })
  }, 30_000)

  test('of its neighbours is made true: nobody takes its MAC for the address of another', async () => {
    const lie = advertisement(mac, addresses.red1, addresses.red4, mac)
    const other = advertisement(mac, addresses.red1, addresses.red1, foreign)
    const source = solicitation(mac, addresses.red1, `${prefix}:77`, sourceOption(foreign))
    const { red2 = [] } = await arriving([machine('red2')], 'icmp6', () =>
      sendFrames(machine('red1'), [lie, other, source]),
    )
    expect(red2.length).toBeGreaterThanOrEqual(3)
    for (const frame of red2) {
      expect(frame).not.toContain(targetOption(foreign).replaceAll(':', ''))
      expect(frame).not.toContain(sourceOption(foreign).replaceAll(':', ''))
      expect(frame).not.toContain(ipv6Hex(addresses.red4))
    }
    for (const name of ['red2', 'red4'] as const) await reaches(machine(name), addresses.red1)
    expect(await machine('red2').exec('ip', '-6', 'neigh', 'show', addresses.red1)).toContain(mac)
  }, 30_000)
})

describe('who asks for a neighbour', () => {
  test('is answered on its hypervisor, and its question goes no further', async () => {
    const asked = solicitation(macOf('red1'), addresses.red1, addresses.red3)
    const others = everyone().filter(({ name }) => name !== 'red1')
    const seen = await arriving([machine('red1'), ...others], 'icmp6 and ip6[40] >= 135', () =>
      sendFrames(machine('red1'), [asked]),
    )
    const { red1 = [], ...elsewhere } = seen
    const answer = `60000000${ipv6Hex(addresses.red3)}0201${macOf('red3').replaceAll(':', '')}`
    expect(red1.filter((frame) => frame.includes(answer))).not.toEqual([])
    const own = macOf('red1').replaceAll(':', '')
    // Its own stack looks for link-local addresses meanwhile, which only their owners know.
    const about = ipv6Hex(addresses.red3)
    const isAsked = (frame: string) => frame.slice(12, 24) === own && frame.slice(124, 156) === about
    expect(Object.values(elsewhere).flat().filter(isAsked)).toEqual([])
  }, 30_000)

  test('may leave out its own MAC, or its address: then it asks whether the address is free', async () => {
    const mac = macOf('red1')
    // Its own stack asks for others meanwhile.
    const answersTo = async (source: string, target: string) => {
      const { red1 = [] } = await arriving([machine('red1')], 'icmp6 and ip6[40] == 136', () =>
        sendFrames(machine('red1'), [solicitation(mac, source, target, '')]),
      )
      return red1.flatMap((answer) =>
        answer.slice(124, 156) === ipv6Hex(target) ? [answer.slice(0, 12)] : [],
      )
    }
    const toItself = mac.replaceAll(':', '')
    expect((await answersTo(addresses.red1, addresses.red4))[0]).toBe(toItself)
    expect(await answersTo('::', addresses.red3)).toContain('333300000001')
    expect(await answersTo('::', addresses.red1)).toEqual([])
    expect(await answersTo('::', `${prefix}:77`)).toEqual([])
  }, 30_000)

  test('cannot use what is leased to another: its own stack finds that out', async () => {
    await machine('red4').exec('ip', '-6', 'address', 'add', `${addresses.red2}/128`, 'dev', 'eth0')
    const shown = async () => machine('red4').exec('ip', '-6', 'address', 'show', 'dev', 'eth0', 'dadfailed')
    for (let tries = 0; tries < 30 && !(await shown()).includes(addresses.red2); tries++) await Bun.sleep(100)
    expect(await shown()).toContain(addresses.red2)
    await machine('red4').exec('ip', '-6', 'address', 'del', `${addresses.red2}/128`, 'dev', 'eth0')
    await reaches(machine('red1'), addresses.red2)
  }, 30_000)
})

test('who asks the host without end is answered at its rate, and costs nobody else', async () => {
  const probe = (name: Name) => solicitation(macOf(name), '::', addresses.red3, '')
  const forRouters = discovery(
    ['33:33:00:00:00:02', macOf('red1')],
    linkLocal('red1'),
    'ff02::2',
    133,
    '00000000',
  )
  const { red1 = [], red4 = [] } = await arriving([machine('red1'), machine('red4')], 'icmp6', async () => {
    const flood = sendFrames(machine('red1'), [probe('red1'), forRouters], { forMs: 2_000, perSecond: 4_000 })
    await Bun.sleep(1_000)
    await sendFrames(machine('red4'), [probe('red4')])
    expect(await flood).toBeGreaterThan(2_000)
  })
  const told = (frames: string[]) =>
    frames.filter(
      (frame) => frame.startsWith('333300000001') && frame.slice(124, 156) === ipv6Hex(addresses.red3),
    )
  expect(told(red4)).not.toEqual([])
  // 20 a second and 40 at once, all in all.
  const answers = red1.filter((frame) => ['86', '88'].includes(frame.slice(108, 110)))
  expect(answers.length).toBeGreaterThan(20)
  expect(answers.length).toBeLessThan(200)
}, 30_000)

test('addresses come and go live, and nothing else is disturbed', async () => {
  const api = network.host.api.bind(network.host)
  await reaches(machine('red1'), addresses.red4)
  const { items } = (await api('GET', '/ip_leases?limit=100')) as { items: Lease[] }
  const lease = items.find((one) => one.interface_uuid === 'if-red4')!.uuid
  await api('DELETE', `/ip_leases/${lease}?wait=applied`)
  expect(await isSilent(machine('red1'), addresses.red4)).toBe(true)
  await reaches(machine('red1'), addresses.red3)
  const again = { network_uuid: 'nw-red', interface_uuid: 'if-red4', ipv6_address: addresses.red4 }
  await api('POST', '/ip_leases?wait=applied', again)
  await reaches(machine('red1'), addresses.red4)
  for (const name of reds.slice(1)) await reaches(machine(name), addresses.red1)
}, 60_000)

test('a router that comes is known soon, without being asked for', async () => {
  const api = network.host.api.bind(network.host)
  const routeOf = (name: string) => machine(name).exec('ip', '-6', 'route', 'show', 'default')
  expect(await routeOf('red3')).toBe('')
  await api('POST', '/interfaces?wait=applied', {
    ...{ uuid: 'if-redgw', mode: 'simulated', enable_routing: true, network_uuid: 'nw-red' },
    ...{ mac_address: '02:00:00:01:01:01', ipv6_address: `${prefix}:1` },
  })
  const told = async (name: string) =>
    (await routeOf(name)).includes('via fe80::ff:fe01:101 dev eth0 proto ra')
  for (const name of reds) await eventually(`${name} to hear of its router`, () => told(name))
  expect(await routeOf('blue1')).toBe('')
}, 30_000)
