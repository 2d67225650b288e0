import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { flowsText } from '../../../runtime/pipeline/text.ts'
import { computeAll, ip, madeBy, World } from '../../../tests/support/world.ts'
import { pipeline, puntPoints } from '../pipeline.ts'

/** Red on the first of three datapaths, green on all; the first two share a physical network. */
function routedNetworks() {
  const world = new World()
  const near = world.network({ mode: 'physical', ipv4_network: ip('172.16.0.0') })
  const far = world.network({ mode: 'physical', ipv4_network: ip('172.17.0.0') })
  const red = world.network({ ipv4_network: ip('10.1.0.0') })
  const green = world.network({ ipv4_network: ip('10.2.0.0'), encapsulation: 'vxlan' })
  const datapaths = [
    world.hypervisor(near, '172.16.0.1', '02:00:00:00:01:00', 1),
    world.hypervisor(near, '172.16.0.2', '02:00:00:00:02:00', 1),
    world.hypervisor(far, '172.17.0.3', '02:00:00:00:03:00', 1),
  ] as const
  for (const [i, datapath] of datapaths.entries()) {
    world.relate(datapath, red, `02:00:00:00:0d:1${i + 1}`)
    world.relate(datapath, green, `02:00:00:00:0d:2${i + 1}`)
    world.port(datapath.id, 't-gre', 8)
    world.port(datapath.id, 't-vxlan', 9)
    world.machine(green, datapath.id, 20, `52:54:00:00:02:0${i + 1}`, `10.2.0.1${i + 1}`)
  }
  const machine = world.machine(red, datapaths[0].id, 10, '52:54:00:00:01:01', '10.1.0.11')
  const redRouter = world.routerIn(red, '52:54:00:00:01:fe', '10.1.0.1')
  const greenRouter = world.routerIn(green, '52:54:00:00:02:fe', '10.2.0.1')
  const link = world.routeLink()
  const routes = [
    world.route(link, redRouter, red, '10.1.0.0/24'),
    world.route(link, greenRouter, green, '10.2.0.0/24'),
  ] as const
  return { world, red, green, datapaths, machine, redRouter, greenRouter, link, routes }
}

const text = (world: World, datapathId: number) =>
  flowsText(pipeline, computeAll(world.state(), datapathId).flows)
const linesWith = (all: string, ...parts: string[]) =>
  all.split('\n').filter((line) => parts.every((part) => line.includes(part)))
/** The lines of tables that routing has to do with. */
const routingLines = (all: string) =>
  all
    .split('\n')
    .filter((line) => /^(router|route|neighbour|departure|icmp|toPeer|tunnel|wire|service) /.test(line))

test('two networks that are routed are these flows, where both are and where only one is', async () => {
  const { world } = routedNetworks()
  const both = [1, 2].map((id) => routingLines(text(world, id)).join('\n')).join('\n\n')
  const golden = Bun.file(join(import.meta.dir, 'router.golden'))
  // VNET_GOLDEN=write takes over what is computed: the difference is read in review.
  if (process.env['VNET_GOLDEN'] === 'write') await golden.write(`${both}\n`)
  expect(`${both}\n`).toBe(await golden.text())
})

describe('a route works', () => {
  const leads = (world: World) => linesWith(text(world, 1), 'route 1', 'ipv4_dst=10.2.0.0').length
  const letsIn = (world: World) => linesWith(text(world, 1), 'router 1', 'ipv4_src=10.1.0.0').length

  test('while its interface is simulated, routes, and has an address in its network', () => {
    const { world, greenRouter } = routedNetworks()
    expect([leads(world), letsIn(world)]).toEqual([1, 1])
    world.update('interfaces', greenRouter.id, { enable_routing: false })
    expect([leads(world), letsIn(world)]).toEqual([0, 1])
    world.update('interfaces', greenRouter.id, { enable_routing: true, mode: 'vif' })
    expect([leads(world), letsIn(world)]).toEqual([0, 1])
    world.update('interfaces', greenRouter.id, { mode: 'simulated' })
    world.update('ipLeases', world.find('ipLeases', { interface_id: greenRouter.id }), { ipv4_address: 0 })
    expect([leads(world), letsIn(world)]).toEqual([0, 1])
  })

  test('in the directions that it says', () => {
    const { world, routes } = routedNetworks()
    world.update('routes', routes[1].id, { egress: false })
    expect([leads(world), letsIn(world)]).toEqual([0, 1])
    world.update('routes', routes[0].id, { ingress: false })
    expect([leads(world), letsIn(world)]).toEqual([0, 0])
    expect(linesWith(text(world, 1), 'goto router', 'eth_dst=52:54:00:00:01:fe')).toEqual([])
  })

  test('not into a physical network', () => {
    const { world, green } = routedNetworks()
    world.update('networks', green.id, { mode: 'physical' })
    expect(leads(world)).toBe(0)
  })
})

describe('which route', () => {
  test('the longer prefix comes before the shorter, whatever its age; 0.0.0.0/0 matches what is left', () => {
    const { world, link, redRouter, red } = routedNetworks()
    world.route(link, redRouter, red, '0.0.0.0/0', { ingress: false })
    world.route(link, redRouter, red, '10.2.0.13/32', { ingress: false })
    expect(linesWith(text(world, 1), 'route ').map((line) => line.split(' → ')[0])).toEqual([
      'route 132 routing=5 ip ipv4_dst=10.2.0.13',
      'route 124 routing=5 ip ipv4_dst=10.1.0.0/255.255.255.0',
      'route 124 routing=5 ip ipv4_dst=10.2.0.0/255.255.255.0',
      'route 100 routing=5 ip',
      'route 1 ip',
    ])
  })

  test('of two with the same destinations the older', () => {
    const { world, link, redRouter, red, green } = routedNetworks()
    const older = () => linesWith(text(world, 1), 'route 124', 'ipv4_dst=10.2.0.0')
    const before = older()
    world.route(link, redRouter, red, '10.2.0.0/24')
    expect(older()).toEqual(before)
    world.remove('routes', world.find('routes', { network_id: green.id }))
    expect(older()).toHaveLength(1)
    expect(older()).not.toEqual(before)
  })

  test('those of every route link that the sender’s network is joined to, and of no other', () => {
    const { world, redRouter, red, routes } = routedNetworks()
    const second = world.routeLink()
    const grey = world.network({ ipv4_network: ip('10.3.0.0') })
    const greyRouter = world.routerIn(grey, '52:54:00:00:03:fe', '10.3.0.1')
    world.machine(grey, 1, 30, '52:54:00:00:03:01', '10.3.0.11')
    world.route(second, greyRouter, grey, '10.3.0.0/24')
    world.route(second, redRouter, red, '10.1.0.0/24')
    const all = text(world, 1)
    const routing = (source: string) =>
      /routing=(\d+), goto/.exec(linesWith(all, 'router 1', source)[0]!)![1]!
    const reached = (source: string) =>
      linesWith(all, 'route 124', `routing=${routing(source)} `).map(
        (line) => /ipv4_dst=([\d.]+)/.exec(line)![1],
      )
    expect(reached('ipv4_src=10.1.0.0')).toEqual(['10.1.0.0', '10.2.0.0', '10.3.0.0'])
    expect(reached('ipv4_src=10.2.0.0')).toEqual(['10.1.0.0', '10.2.0.0'])
    expect(reached('ipv4_src=10.3.0.0')).toEqual(['10.1.0.0', '10.3.0.0'])
    expect(routing('ipv4_src=10.1.0.0')).toBe(`${2 ** 31 + routes[0].id}`)
  })
})

describe('datapaths', () => {
  test('that only route to a network have the way to its interfaces, and answer for nobody in it', () => {
    const { world, red } = routedNetworks()
    const there = text(world, 2)
    const key = `network=${red.tunnel_key_id} `
    expect(linesWith(there, key).map((line) => line.split(' ')[0])).toEqual([
      ...['neighbour', 'neighbour', 'neighbour', 'destination', 'toPeer', 'toPeer'],
    ])
    expect(linesWith(there, 'neighbour', 'ipv4_dst=10.1.0.11')[0]).toContain('eth_dst=52:54:00:00:01:01')
    expect(linesWith(text(world, 1), 'floodPeers 1', key)).toEqual([])
  })

  test('accept from those that route to a network what they send to it', () => {
    const { world, red } = routedNetworks()
    const here = text(world, 1)
    expect(
      linesWith(here, 'tunnel 100', `tunnel_id=${red.tunnel_key_id} `, 'tun_src=172.17.0.3'),
    ).toHaveLength(1)
    expect(linesWith(here, 'wire 100', 'eth_src=02:00:00:00:0d:12')[0]).toContain(
      `→ network=${red.tunnel_key_id}, origin=peerByWire, eth_src=52:54:00:00:01:fe, goto destination`,
    )
    world.remove('routes', world.find('routes', { network_id: red.id }))
    const after = text(world, 1)
    expect(linesWith(after, 'tunnel 100', `tunnel_id=${red.tunnel_key_id} `)).toEqual([])
    expect(linesWith(after, 'eth_src=02:00:00:00:0d:12')).toEqual([])
  })

  test('without routes have none of their flows', () => {
    const { world } = routedNetworks()
    for (const { id } of world.rows('routes')) world.remove('routes', id)
    for (const id of [1, 2, 3])
      expect(
        linesWith(text(world, id), ' → ').filter((line) =>
          /^(router|route|neighbour|departure|icmp) /.test(line),
        ),
      ).toEqual([])
  })
})

test('an internal network is routed to where its interfaces are, and nowhere else', () => {
  const { world, link } = routedNetworks()
  const inner = world.network({ mode: 'internal', ipv4_network: ip('10.9.0.0') })
  world.machine(inner, 1, 50, '52:54:00:00:09:01', '10.9.0.11')
  world.route(link, world.routerIn(inner, '52:54:00:00:09:fe', '10.9.0.1'), inner, '10.9.0.0/24')
  const found = (id: number) => linesWith(text(world, id), 'neighbour 100', 'ipv4_dst=10.9.0.11').length
  expect([1, 2, 3].map(found)).toEqual([1, 0, 0])
  expect(linesWith(text(world, 1), 'toPeer', `network=${inner.tunnel_key_id} `)).toEqual([])
})

test('an address more in a network costs a flow on each datapath that routes to it, and two to reach it', () => {
  const { world, red } = routedNetworks()
  const count = () => [1, 2, 3].map((id) => computeAll(world.state(), id).flows.length)
  const before = count()
  world.machine(red, 1, 40, '52:54:00:00:01:40', '10.1.0.40')
  expect(count().map((flows, i) => flows - before[i]!)).toEqual([9 + 2, 2, 2])
})

test('what cannot be routed is punted under the interface that sent it, once for each interface, by meters that DHCP has not', () => {
  const { world, machine, green } = routedNetworks()
  // In both networks.
  world.lease(machine.macLease, green, '10.2.0.77')
  const all = computeAll(world.state(), 1)
  const flows = madeBy(all, puntPoints.icmp, machine.id)
  expect(flowsText(pipeline, flows)).toBe(`icmp 100 inInterface=${machine.id} → meter ${0x1_000a}, punt`)
  expect(JSON.stringify(flows[0]!.instructions)).toContain(`"meter_id":${0x1_ffff}`)
  const meters = all.meters.map(({ meter_id }) => meter_id)
  expect(meters).toContain(0x1_000a)
  expect(meters).toContain(0x1_ffff)
  expect(new Set(meters).size).toBe(meters.length)
})
