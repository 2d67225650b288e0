/** IPv6 through a distributed router: on the same hypervisor, over the wire, through a tunnel; and what senders are told. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { advertisement, correct, datagram6, discovery, groupMac } from '../support/frames-ipv6.ts'
import { nowhere, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { networkRequests, routerMac, routerRequests } from '../support/requests.ts'
import { arriving, sendFrames } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

const plan = planOf({ node1: ['red1', 'green1', 'blue1'], node2: ['green2'], node3: ['green3'] })
const red = { name: 'red', number: 1, subnet: '10.1.0' }
const green = { name: 'green', number: 2, subnet: '10.2.0', encapsulation: 'vxlan' } as const
const blue = { name: 'blue', number: 3, subnet: '10.3.0' }
const colours = [red, green, blue]

const addressOf = (network: number, last: string) => `2001:db8:${network}::${last}`
const addresses = {
  red1: addressOf(1, '11'),
  green1: addressOf(2, '11'),
  green2: addressOf(2, '12'),
  green3: addressOf(2, '13'),
  blue1: addressOf(3, '11'),
} as const
type Name = keyof typeof addresses
const names = Object.keys(addresses) as Name[]
const networkOf = (name: string) => colours.find((one) => name.startsWith(one.name))!
const routerOf = (name: string) => addressOf(networkOf(name).number, '1')

type Request = ReturnType<typeof networkRequests>[number]
const withIpv6 = (request: Request): Request => {
  const { path, body } = request
  const name = String(body['uuid'] ?? '').slice(3)
  if (path === '/networks')
    return { ...request, body: { ...body, ipv6_network: `${addressOf(networkOf(name).number, '')}/64` } }
  if (path !== '/interfaces') return request
  const address = name.endsWith('gw') ? routerOf(name) : addresses[name as Name]
  return address === undefined ? request : { ...request, body: { ...body, ipv6_address: address } }
}
const ipv6Route = ({ name, number }: { readonly name: string; readonly number: number }) =>
  ({
    method: 'POST',
    path: '/routes',
    body: {
      ...{ uuid: `r-${name}6`, interface_uuid: `if-${name}gw`, network_uuid: `nw-${name}` },
      ...{ route_link_uuid: 'rl-one', ipv6_network: `${addressOf(number, '')}/64` },
    },
  }) as const

let network: Network
const machine = (name: Name) => network.lab.machine(name)

beforeAll(async () => {
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...colours.flatMap((one) => networkRequests(plan, one)).map(withIpv6),
    ...routerRequests('one', colours).map(withIpv6),
    ...[red, green].map(ipv6Route),
  ])
  await Promise.all(
    names.map(async (name) => {
      const { exec } = { exec: (...command: string[]) => machine(name).exec(...command) }
      await exec('sysctl', '-q', '-w', 'net.ipv6.conf.eth0.router_solicitation_delay=0')
      await exec('ip', 'link', 'set', 'eth0', 'down')
      await exec('ip', '-6', 'address', 'replace', `${addresses[name]}/128`, 'dev', 'eth0', 'nodad')
      await exec('ip', 'link', 'set', 'eth0', 'up')
    }),
  )
  await Promise.all(names.map((name) => reaches(machine(name), routerOf(name))))
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

/** What ping prints of one echo request. */
const pinged = (from: Name, ...options: string[]) =>
  machine(from)
    .exec('ping', '-6', '-n', '-c', '1', '-W', '2', ...options)
    .catch((error: Error) => error.message)
const hex = (mac: string) => mac.replaceAll(':', '')

describe('packets between two networks', () => {
  test('arrive, both ways, one hop older, under the MAC of the router', async () => {
    for (const to of ['green1', 'green2', 'green3'] as const) {
      await reaches(machine('red1'), addresses[to])
      await reaches(machine(to), addresses.red1)
      const seen = await arriving([machine(to)], 'icmp6 and ip6[40] == 128', () =>
        pinged('red1', addresses[to]),
      )
      const [frame = ''] = seen[to]!
      expect(frame.slice(0, 24)).toBe(hex(`${machine(to).mac}${routerMac(green.number)}`))
      expect(Number.parseInt(frame.slice(42, 44), 16)).toBe(63)
    }
  }, 60_000)

  test('do not get where no route leads, and their senders are told', async () => {
    expect(await isSilent(machine('blue1'), addresses.red1)).toBe(true)
    await reaches(machine('blue1'), routerOf('blue1'))
    expect(await pinged('red1', addresses.blue1)).toContain(
      `From ${routerOf('red1')} icmp_seq=1 Destination unreachable: No route`,
    )
    expect(await pinged('green3', addressOf(1, '99'))).toContain(
      `From ${routerOf('green3')} icmp_seq=1 Destination unreachable: Address unreachable`,
    )
  }, 30_000)

  test('that are too large or too old are not passed on, and their senders are told', async () => {
    expect(await pinged('red1', '-t', '1', addresses.green2)).toContain(
      `From ${routerOf('red1')} icmp_seq=1 Time exceeded: Hop limit`,
    )
    // A packet of 1458 bytes fits in GRE; in VXLAN 1450 do.
    expect(await pinged('red1', '-M', 'do', '-s', '1410', addresses.green3)).toContain(
      `From ${routerOf('red1')} icmp_seq=1 Packet too big: mtu=1450`,
    )
    expect(await pinged('red1', '-M', 'do', '-s', '1402', addresses.green3)).toContain('1 received')
  }, 30_000)
})

describe('a router', () => {
  test('is known by its advertisements, and answers on all of its addresses', async () => {
    const routes = await machine('red1').exec('ip', '-6', 'route', 'show', 'default')
    expect(routes).toContain('via fe80::ff:fe01:101 dev eth0 proto ra')
    for (const address of [routerOf('red1'), routerOf('green3')]) {
      await reaches(machine('red1'), address)
      await reaches(machine('green3'), address)
    }
    // Nobody takes it for something that has stopped to be a router.
    expect(await machine('red1').exec('ip', '-6', 'neigh', 'show')).toMatch(/fe80::ff:fe01:101 .* router/)
  }, 30_000)

  test('passes nothing on from link-local addresses, nor to groups, nor of others', async () => {
    const mac = machine('red1').mac
    const to = (source: string, destination: string) => (mark: string) =>
      datagram6([routerMac(red.number), mac], source, destination, [7777, 7777], mark)
    const own = 'fe80::5054:ff:fe01:0'
    const bad = {
      'a link-local source': to(own, addresses.green1),
      'a group': to(addresses.red1, 'ff05::2'),
      'another source': to(addresses.green2, addresses.green1),
    }
    const everyone = [...network.lab.machines]
    expect(await whereTheyArrive(machine('red1'), everyone, bad)).toEqual(nowhere(bad))
    const good = { control: to(addresses.red1, addresses.green1) }
    expect(await whereTheyArrive(machine('red1'), everyone, good)).toEqual({ control: ['green1'] })
  }, 30_000)

  test('tells nothing about what must not be answered', async () => {
    const macs = [routerMac(red.number), machine('red1').mac] as const
    const lost = addressOf(9, '1')
    const error = discovery(macs, addresses.red1, lost, 1, '00'.repeat(60))
    const answers = (frame: string) =>
      arriving([machine('red1')], 'icmp6 and ip6[40] < 128', () => sendFrames(machine('red1'), [frame]))
    expect(await answers(error)).toEqual({ red1: [] })
    const control = await answers(datagram6(macs, addresses.red1, lost))
    expect(control['red1']).toHaveLength(1)
  }, 30_000)
})

const shared = addressOf(2, '100')
const virtual = addressOf(2, '101')
const virtualMac = '00:00:5e:00:02:0a'
const behind = '2001:db8:50::1'
const greens = ['green1', 'green2', 'green3'] as const
const applied = async (method: string, path: string, body?: unknown) => {
  await network.host.api(method, `${path}?wait=applied`, body)
  await Promise.all(network.lab.hypervisors.map(({ openVswitch }) => openVswitch.appctl('revalidator/wait')))
}
const allow = (name: Name, allowed_addresses: string) =>
  applied('PUT', `/interfaces/if-${name}`, { allowed_addresses })
const held = async (name: Name) =>
  ((await network.host.api('GET', `/interfaces/if-${name}`)) as { held_addresses: string[] }).held_addresses
const announce = (name: Name, address: string, mac = machine(name).mac) =>
  sendFrames(machine(name), [correct(advertisement(mac, address, address, mac))])
const takes = async (name: Name, address: string, mac?: string) => {
  await announce(name, address, mac)
  await eventually(`${name} to have ${address}`, async () => (await held(name)).includes(address))
  await Promise.all(network.lab.hypervisors.map(({ openVswitch }) => openVswitch.appctl('revalidator/wait')))
  // The first packet into a tunnel is lost; keepalived says it several times, too.
  await announce(name, address, mac)
}
/** Where echo requests to an address arrive, under which MAC address. */
async function arrivals(from: Name, address: string) {
  const seen = await arriving(greens.map(machine), 'icmp6 and ip6[40] == 128', () =>
    pinged(from, '-W', '1', address),
  )
  return greens.flatMap((name) => seen[name]!.map((frame) => `${name} ${frame.slice(0, 12)}`))
}
/** Where what a machine sends to a group arrives. */
const heardFrom = (name: Name, source: string, mac = machine(name).mac) =>
  whereTheyArrive(machine(name), greens.map(machine), {
    sent: (mark) => datagram6([groupMac('ff02::1'), mac], source, 'ff02::1', [7777, 7777], mark),
  })

describe('an address beyond the leases', () => {
  test('is where a machine that may have it said last that it is, and nobody else may take it', async () => {
    await Promise.all([allow('green2', `${shared}, 2001:db8:50::/64`), allow('green3', shared)])
    expect(await pinged('red1', shared)).toContain('Address unreachable')
    for (const [taker, giver] of [
      ['green2', 'green3'],
      ['green3', 'green2'],
    ] as const) {
      const mine = [`${taker} ${hex(machine(taker).mac)}`]
      await takes(taker, shared)
      expect([await arrivals('red1', shared), await arrivals('green1', shared)]).toEqual([mine, mine])
      expect(await held(giver)).toEqual([])
    }
    // It answers, too, and who may not have it cannot say so.
    await machine('green3').exec('ip', 'address', 'add', `${shared}/128`, 'dev', 'eth0', 'nodad')
    await announce('green1', shared)
    await announce('green2', addresses.green1)
    await reaches(machine('red1'), shared)
    expect([await held('green1'), await held('green2'), await held('green3')]).toEqual([[], [], [shared]])
    expect(await heardFrom('green1', shared)).toEqual({ sent: [] })
    expect(await heardFrom('green2', shared)).toEqual({ sent: ['green1', 'green3'] })
    // Another that may have it asks whether it is free: whoever has it says so by itself.
    await machine('green2').exec('ip', 'address', 'add', `${shared}/128`, 'dev', 'eth0')
    await eventually('green2 to find out', async () =>
      (await machine('green2').exec('ip', 'address', 'show', 'dev', 'eth0', 'dadfailed')).includes(shared),
    )
    for (const name of ['green2', 'green3'] as const)
      await machine(name).exec('ip', 'address', 'del', `${shared}/128`, 'dev', 'eth0')
  }, 60_000)

  test('under the MAC address of a virtual router is reached so, and is sent under its own', async () => {
    const both = `${shared}, ${virtual}@${virtualMac}`
    expect(await heardFrom('green3', virtual, virtualMac)).toEqual({ sent: [] })
    await Promise.all([allow('green2', both), allow('green3', both)])
    for (const taker of ['green2', 'green3'] as const) {
      await takes(taker, virtual, virtualMac)
      const mine = [`${taker} ${hex(virtualMac)}`]
      expect([await arrivals('red1', virtual), await arrivals('green1', virtual)]).toEqual([mine, mine])
    }
    const frame = datagram6([groupMac('ff02::12'), virtualMac], 'fe80::77', 'ff02::12')
    const { green1 = [] } = await arriving([machine('green1')], 'udp port 7777', () =>
      sendFrames(machine('green3'), [frame]),
    )
    expect(green1.map((one) => one.slice(12, 24))).toEqual([hex(machine('green3').mac)])
    await allow('green3', '')
    expect(await held('green3')).toEqual([])
    expect(await pinged('red1', virtual)).toContain('Address unreachable')
    expect(await heardFrom('green3', virtual, virtualMac)).toEqual({ sent: [] })
  }, 60_000)

  test('is what a route leads to by a machine, the default one, too', async () => {
    const route = { ...ipv6Route(green).body, uuid: 'r-behind', ipv6_network: '::/0' }
    await allow('green2', '2001:db8:50::/64')
    await machine('green2').exec('ip', 'address', 'add', `${behind}/128`, 'dev', 'lo')
    expect(await pinged('red1', behind)).toContain('No route')
    for (const gateway of [{ ipv6_gateway: addresses.green2 }, { interface_uuid: 'if-green2' }]) {
      await applied('PUT', '/interfaces/if-green2', { enable_routing: true })
      await applied('POST', '/routes', { ...route, ...gateway })
      await reaches(machine('red1'), behind)
      // What is on the network itself goes there directly.
      expect(await arrivals('red1', addresses.green3)).toEqual([`green3 ${hex(machine('green3').mac)}`])
      await applied('DELETE', '/routes/r-behind')
      expect(await pinged('red1', behind)).toContain('No route')
    }
    await applied('POST', '/routes', { ...route, ipv6_gateway: addressOf(2, '77') })
    expect(await pinged('red1', behind)).toContain('Address unreachable')
    const back = (mark: string) =>
      datagram6([routerMac(green.number), machine('green2').mac], behind, addresses.red1, [7777, 7777], mark)
    expect(await whereTheyArrive(machine('green2'), [machine('red1')], { back })).toEqual({ back: ['red1'] })
    await allow('green2', '')
    expect(await whereTheyArrive(machine('green2'), [machine('red1')], { back })).toEqual({ back: [] })
    await applied('DELETE', '/routes/r-behind')
  }, 60_000)
})

test('routes come and go live, and what they do not concern is not disturbed', async () => {
  const api = network.host.api.bind(network.host)
  await api('POST', '/routes?wait=applied', ipv6Route(blue).body)
  await reaches(machine('blue1'), addresses.green2)
  await reaches(machine('green3'), addresses.blue1)
  await api('DELETE', '/routes/r-red6?wait=applied')
  expect(await isSilent(machine('red1'), addresses.green1)).toBe(true)
  await reaches(machine('blue1'), addresses.green1)
  await api('POST', '/routes?wait=applied', ipv6Route(red).body)
  await reaches(machine('red1'), addresses.green3)
}, 60_000)

test('a packet crosses few tables', async () => {
  const { openVswitch } = network.lab.hypervisor('node1')
  const port = await openVswitch.vsctl('get', 'interface', 'red1', 'ofport')
  const tablesOf = async (to: Name) => {
    const packet = `dl_src=${machine('red1').mac},dl_dst=${routerMac(red.number)},icmp6,ipv6_src=${addresses.red1}`
    const flow = `in_port=${port},${packet},ipv6_dst=${addresses[to]},nw_ttl=64,icmpv6_type=128`
    const text = await openVswitch.appctl('ofproto/trace', 'br0', flow)
    expect(text).toMatch(/Datapath actions: (?!drop)/)
    return new Set([...text.matchAll(/^ *(\d+)\. /gm)].map(([, table]) => table)).size
  }
  // Those of IPv4, and one more: solicitation.
  expect({ same: await tablesOf('green1'), wire: await tablesOf('green2') }).toEqual({ same: 11, wire: 11 })
})
