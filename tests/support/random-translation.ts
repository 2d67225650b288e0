/** Translations of a random state: mostly of interfaces that route, with few addresses, so that they meet. */
import type { Pick } from './random-pick.ts'
import type { World } from './world.ts'

const of = <T>(pick: Pick, list: readonly T[]): T => list[pick(list.length)]!
const addressOf = (pick: Pick) => 0x0a00_0001 + pick(30)
const routeLinkOf = (world: World, pick: Pick) =>
  pick(2) === 0 ? null : of(pick, world.rows('routeLinks')).id

export function addTranslation(world: World, pick: Pick): undefined {
  const routers = world.rows('routes').map(({ interface_id }) => interface_id)
  const all = world.rows('interfaces').map(({ id }) => id)
  const interface_id = of(pick, routers.length === 0 || pick(6) === 0 ? all : routers)
  world.update('interfaces', interface_id, { enable_route_translation: pick(4) > 0 })
  const { id: translation_id } = world.add('translations', {
    ...{ interface_id, mode: pick(8) === 0 ? 'vnet_edge' : 'static_address' },
    passthrough: pick(3) === 0,
  })
  for (let rows = 1 + pick(3); rows > 0; rows--)
    world.add('translationStaticAddresses', {
      ...{ translation_id, route_link_id: routeLinkOf(world, pick) },
      ...{ ingress_ipv4_address: addressOf(pick), egress_ipv4_address: addressOf(pick) },
      ...(pick(2) === 0 ? {} : { ingress_port_number: 80 + pick(2), egress_port_number: 80 }),
    })
  addConnections(world, pick, translation_id)
  addPlace(world, pick, interface_id)
}

function addConnections(world: World, pick: Pick, translation_id: number): void {
  const ingress_ipv4_address = addressOf(pick)
  const pair = { translation_id, route_link_id: routeLinkOf(world, pick), ingress_ipv4_address }
  if (pick(3) === 0)
    world.add('translationSourceAddresses', {
      ...{ ...pair, egress_ipv4_network: 0x0a00_0000, egress_ipv4_prefix: 24 + pick(9) },
      ingress_end_ipv4_address: pick(2) === 0 ? null : ingress_ipv4_address + pick(3),
    })
  if (pick(3) === 0)
    world.add('translationDestinationAddresses', {
      ...{ ...pair, egress_ipv4_address: addressOf(pick), protocol: of(pick, ['tcp', 'udp', null] as const) },
      ...(pick(2) === 0 ? {} : { ingress_port_number: 80 + pick(2), egress_port_number: 80 }),
    })
}

/** Mostly of simulated interfaces that have addresses. */
export function addLoadBalancer(world: World, pick: Pick): undefined {
  const leases = world.rows('ipLeases').filter(({ interface_id }) => interface_id !== null)
  if (leases.length === 0) return
  const simulated = world.rows('interfaces').filter(({ mode }) => mode === 'simulated')
  const ids = new Set(simulated.map(({ id }) => id))
  const fit = leases.filter((lease) => ids.has(lease.interface_id!))
  const lease = of(pick, fit.length === 0 ? leases : fit)
  const balancer = {
    ...{ interface_id: lease.interface_id!, ipv4_address: lease.ipv4_address ?? 0 },
    ...{ protocol: of(pick, ['tcp', 'udp'] as const), port_number: 80 + pick(2) },
  }
  const names = Object.keys(balancer) as (keyof typeof balancer)[]
  if (world.rows('loadBalancers').some((row) => names.every((name) => row[name] === balancer[name]))) return
  const health_check = of(pick, ['none', 'tcp', 'icmp', 'http'] as const)
  const { id: load_balancer_id } = world.add('loadBalancers', { ...balancer, health_check })
  for (let members = pick(4); members > 0; members--)
    world.add('loadBalancerMembers', {
      ...{ load_balancer_id, port_number: 8080 + pick(2), weight: 1 + pick(3) },
      ...(pick(2) === 0
        ? { interface_id: of(pick, world.rows('interfaces')).id }
        : { ipv4_address: addressOf(pick) }),
      ...{
        enabled: pick(5) > 0,
        draining: pick(4) === 0,
        health: of(pick, ['up', 'down', 'unknown'] as const),
      },
    })
  addBalancingZone(world, pick, lease.interface_id!, lease.network_id)
}

function addBalancingZone(world: World, pick: Pick, interface_id: number, network_id: number): void {
  const datapath_id = of(pick, world.rows('datapaths')).id
  const owner = { datapath_id, interface_id, network_id }
  const names = Object.keys(owner) as (keyof typeof owner)[]
  if (world.rows('conntrackZones').some((row) => names.every((name) => row[name] === owner[name]))) return
  world.add('conntrackZones', {
    ...owner,
    zone: 10_000 + network_id * 100 + interface_id,
    purpose: 'balancing',
  })
}

/** Connections are remembered somewhere, or nowhere yet. */
function addPlace(world: World, pick: Pick, interface_id: number): void {
  const held = world
    .rows('conntrackZones')
    .some((row) => row.interface_id === interface_id && row.purpose === 'translation')
  if (held || pick(3) === 0) return
  world.add('conntrackZones', {
    ...{ datapath_id: of(pick, world.rows('datapaths')).id, zone: 1_000 + interface_id },
    ...{ purpose: 'translation', interface_id, network_id: null },
  })
}
