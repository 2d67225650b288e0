/** What comes over the wire from another datapath's router: known by the MAC address of that datapath in the network. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { arp, broadcast, datagram, ethernet, gre, ipv4, udp } from '../../support/frames.ts'
import { received } from './listen.ts'
import { planOf } from './plan.ts'
import { type Place, Rig } from './rig.ts'

let rig: Rig
let target: Place
let stranger: Place
const relation: Record<string, string> = {}
const router = '52:54:00:00:01:fe'
const key = { red: 0, blue: 0, pink: 0 }

/** Red is on node 1, green on all nodes, with a router between them; blue and pink have red's addresses, and no router. */
beforeAll(async () => {
  rig = await Rig.start(
    planOf({ node1: ['red1', 'blue1'], node2: ['green2', 'blue2'], node3: ['green3', 'pink3'] }),
  )
  const [red, green, blue, pink] = [1, 2, 1, 1].map(() => rig.network()) as [never, never, never, never]
  for (const [name, network] of Object.entries({ red, green, blue, pink }))
    for (const node of ['node1', 'node2', 'node3'])
      relation[`${name} ${node}`] = rig.relationMac(node, network)
  Object.assign(key, { red: tunnelKey(red), blue: tunnelKey(blue), pink: tunnelKey(pink) })
  target = await rig.place('red1', red, '10.0.0.1')
  stranger = await rig.place('blue1', blue, '10.0.0.1')
  await rig.place('green2', green, '10.2.0.2')
  await rig.place('green3', green, '10.2.0.3')
  await rig.place('blue2', blue, '10.0.0.2')
  await rig.place('pink3', pink, '10.0.0.3')
  const link = rig.world.routeLink()
  rig.world.route(link, rig.world.routerIn(red, router, '10.0.0.254'), red, '10.0.0.0/24')
  rig.world.route(link, rig.world.routerIn(green, '52:54:00:00:02:fe', '10.2.0.254'), green, '10.2.0.0/24')
  await rig.install()
}, 60_000)
afterAll(() => rig?.stop())

const tunnelKey = (network: { readonly tunnel_key_id: number }) => network.tunnel_key_id
const seenOf = (port: number, frame: string, expected = 0) =>
  received(
    [target.machine, stranger.machine],
    'udp port 7777 or arp or vlan',
    () => rig.inject('node1', port, frame),
    (lines) => lines['red1']!.length >= expected,
  )
/** A packet of green's machine on node 2, as its hypervisor has routed it. */
const routed = (source: string, to: string = target.machine.mac) =>
  datagram([to, source], '10.2.0.2', '10.0.0.1')

test('a packet that a peer on the wire has routed is let in, and comes from the router interface', async () => {
  const seen = await seenOf(rig.uplink('node1'), routed(relation['red node2']!), 1)
  expect(seen['blue1']).toEqual([])
  expect(seen['red1']).toHaveLength(1)
  expect(seen['red1']![0]).toContain(`${router} > ${target.machine.mac}`)
})

test('a packet that a peer behind a tunnel has routed is let in from its address', async () => {
  const inner = datagram([target.machine.mac, router], '10.2.0.3', '10.0.0.1')
  const outer = (networkKey: number, source = '192.168.20.13') =>
    ethernet(
      '02:00:00:00:00:01',
      '52:54:00:77:77:77',
      0x0800,
      ipv4(source, '192.168.10.11', 47, gre(networkKey, inner)),
    )
  expect((await seenOf(rig.uplink('node1'), outer(key.red), 1))['red1']).toHaveLength(1)
  // Node 3 neither has blue nor routes to it; nobody is at the other address.
  for (const frame of [outer(key.blue), outer(key.pink), outer(key.red, '192.168.20.99')])
    expect(await seenOf(rig.uplink('node1'), frame)).toEqual({ red1: [], blue1: [] })
})

test('nothing else is', async () => {
  const to = target.machine.mac
  const peer = relation['red node2']!
  const payload = ipv4('10.2.0.2', '10.0.0.1', 17, udp(7777, 7777))
  const frames = {
    'from a peer that is behind a tunnel': routed(relation['red node3']!),
    'from this datapath itself': routed(relation['red node1']!),
    'from nobody': routed('02:00:00:0d:77:77'),
    'as the router interface': routed(router),
    'into a network that has no router': datagram(
      [stranger.machine.mac, relation['blue node2']!],
      '10.2.0.2',
      '10.0.0.1',
    ),
    'into a network that is not that of its MAC': routed(peer, stranger.machine.mac),
    'into a network that is not here': routed(relation['pink node2']!),
    'for an interface that is not here': routed(peer, rig.lab.machine('green3').mac),
    'to everyone': routed(peer, broadcast),
    'with a tag': ethernet(to, peer, 0x8100, `00640800${payload}`),
    'that is ARP': ethernet(to, peer, 0x0806, arp({ op: 2, sha: peer, spa: '10.0.0.9', tpa: '10.0.0.1' })),
  }
  for (const [what, frame] of Object.entries(frames))
    expect({ what, seen: await seenOf(rig.uplink('node1'), frame) }).toEqual({
      what,
      seen: { red1: [], blue1: [] },
    })
}, 60_000)

test('and no machine may send as a datapath or a router', async () => {
  for (const source of [relation['red node1']!, relation['red node2']!, router])
    expect(await seenOf(stranger.port, routed(source))).toEqual({ red1: [], blue1: [] })
})
