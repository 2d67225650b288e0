/** What is due is done however many rows it is about: each schedule, with hundreds of all that it looks at. */
import { beforeAll, expect, test } from 'bun:test'
import { Glob } from 'bun'
import type { HostEffect } from '../../runtime/dispatch/host-effect.ts'
import { formatMac, type Row, type ScheduleFunction } from '../../runtime/openvnet.ts'
import { World } from '../../tests/support/world.ts'
import announceVlan from '../events/announce-vlan/announce-vlan.ts'
import { addressesPerMessage, messagesAtOnce } from '../events/announcing.ts'
import { fenceMs } from '../state/fence.ts'
import { RealHost } from '../testing/for-real.ts'
import announcements from './announcements/announcements.ts'
import failOver from './fail-over/fail-over.ts'
import healthChecks from './health-checks/health-checks.ts'
import leases from './leases/leases.ts'
import advertisements from './router-advertisements/router-advertisements.ts'

const now = 1_000_000_000
const many = 400
const dpids = ['0x0000000000000001', '0x0000000000000002', '0x0000000000000003']
let nextMac = 0x0200_0000_0000
const mac = () => nextMac++
const address = (n: number) => `10.${n >> 16}.${(n >> 8) & 0xff}.${n & 0xff}`

/** A network of both families with machines of both, half of them elsewhere, and a router. */
function machinesIn(world: World) {
  const network = world.network({ ipv4_prefix: 8, ipv6_network: '2001:db8::', ipv6_prefix: 64 })
  const machines = Array.from({ length: 2 * many }, (_, n) =>
    world.machine(network, 1 + (n % 2), 1_000 + n, mac(), address(n + 1)),
  )
  const router = world.routerIn(network, '02:ff:00:00:00:01', address(0xff_ff01))
  for (const [n, lease] of world.rows('ipLeases').entries())
    if (lease.network_id === network.id)
      world.update('ipLeases', lease.id, { ipv6_address: `2001:db8::${(n + 1).toString(16)}` })
  return { network, machines, router }
}

const hasAll = { known_revision: 1, acknowledged: true, leased: true }

/** VLANs that two ports reach, and of those that datapath 3 serves the other one is here. */
function vlansOf(world: World, network: Row<'networks'>) {
  const trunks = [1, 2, 3].map((datapathId) => {
    const trunk = world.add('interfaces', { mode: 'edge' })
    world.plug(trunk.id, datapathId, 10)
    return { ...trunk, translation: world.add('translations', { mode: 'vnet_edge', interface_id: trunk.id }) }
  })
  const networks = [network, ...Array.from({ length: 3 * many - 1 }, () => world.network())]
  for (const [n, { id }] of networks.entries()) {
    const serving = trunks[n % 3]!
    for (const { translation } of [serving, trunks[(n + 1) % 3]!])
      world.vlan(translation, networks[n]!, n + 1)
    const row = world.add('activeVlans', {
      ...{ network_id: id, vlan_id: n + 1, interface_id: serving.id, datapath_id: (n % 3) + 1 },
    })
    world.update('activeVlans', row.id, hasAll)
  }
}

/** Routers of a physical network, for which three datapaths could speak. */
function routersOf(world: World) {
  const physical = world.network({ mode: 'physical', ipv4_prefix: 8 })
  for (let n = 1; n <= 3; n++) {
    const host = world.interface('host', physical, mac(), [address(0xff_0000 + n)])
    world.plug(host.id, n, 1)
    world.activate(physical.id, n)
  }
  for (let n = 0; n < 3 * many; n++) {
    const { id } = world.routerIn(physical, formatMac(mac()), address(n + 1))
    const row = world.add('activeRouters', {
      ...{ interface_id: id, network_id: physical.id, datapath_id: (n % 3) + 1, speaks: true },
    })
    world.update('activeRouters', row.id, hasAll)
  }
}

function balance(world: World, network: Row<'networks'>, machines: readonly { readonly id: number }[]) {
  const at = address(0xff_ff02)
  const { id: interface_id } = world.simulated(network, '02:ff:00:00:00:02', at)
  const lease = world.rows('ipLeases').find((row) => row.interface_id === interface_id)!
  const balancer = world.add('loadBalancers', {
    ...{ interface_id, protocol: 'tcp', ipv4_address: lease.ipv4_address, port_number: 80 },
    ...{ health_check: 'tcp', health_interval: 1 },
  })
  for (const { id } of machines)
    world.add('loadBalancerMembers', { load_balancer_id: balancer.id, interface_id: id, port_number: 80 })
}

let host: RealHost
let networkId: number
beforeAll(() => {
  const world = new World()
  for (const dpid of dpids) world.add('datapaths', { dpid })
  const { network, machines } = machinesIn(world)
  networkId = network.id
  vlansOf(world, network)
  routersOf(world)
  balance(world, network, machines)
  const applied = new Map([
    [1, 9],
    [2, 9],
  ])
  const silentMs = new Map([[3, fenceMs]])
  const reports = { applied, here: new Set([1]), silentMs, undeletedMs: 0, unheardMs: 0 }
  host = new RealHost(world.state(), reports, now)
})

/** How many messages a host sends, none of them to a switch that is not its own. */
function sentHere(effects: readonly HostEffect[]): number {
  const sent = effects.flatMap((effect) => (effect.type === 'send-on' ? [effect.dpid] : []))
  expect(sent.filter((dpid) => dpid !== dpids[0])).toEqual([])
  return sent.length
}

test('each schedule gets through', async () => {
  const files = [...new Glob('*/*.ts').scanSync(import.meta.dir)]
  const own = files.filter((file) => /^([\w-]+)\/\1\.ts$/.test(file))
  expect(own.length).toBeGreaterThanOrEqual(7)
  for (const file of own) {
    const { default: definition }: { default: ScheduleFunction } = await import(`./${file}`)
    host.schedule(definition)
  }
}, 60_000)

test('all VLANs and routers of this host are told so, and no others', () => {
  // Two flows of a VLAN; one of a router, and what announces it.
  expect(sentHere(host.schedule(leases))).toBe(2 * many + 2 * many)
})

test('what a switch that is gone has served goes over, some with each run', () => {
  const alarms = host.schedule(failOver).filter(({ type }) => type === 'alarm')
  expect(alarms.length).toBeGreaterThan(64)
  expect(alarms.length).toBeLessThanOrEqual(many)
})

test('all members here are asked', () => {
  expect(sentHere(host.schedule(healthChecks))).toBe(2 * many)
})

test('all machines here hear of their network in their turn', () => {
  const sent = Array.from({ length: 60 }, (_, turn) =>
    sentHere(host.schedule(advertisements, now + 4_000 + turn * 500)),
  )
  expect(sent.reduce((sum, one) => sum + one)).toBe(many)
})

test('all addresses of both families are announced where they are served anew', () => {
  const event = { type: 'vlan-activated', dpid: dpids[0]!, networkId, vlanId: 1 } as const
  const leaseFlows = 2
  const first = sentHere(host.event(announceVlan, event)) - leaseFlows
  const [next, ...others] = [1, 2, 3].map(() => sentHere(host.schedule(announcements)))
  expect(first).toBe(messagesAtOnce)
  expect(first + next!).toBeGreaterThanOrEqual((2 * 2 * many) / addressesPerMessage)
  expect(others).toEqual([0, 0])
})
