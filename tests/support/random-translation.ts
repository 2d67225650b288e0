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

/** Connections are remembered somewhere, or nowhere yet. */
function addPlace(world: World, pick: Pick, interface_id: number): void {
  const held = world.rows('conntrackZones').some((row) => row.interface_id === interface_id)
  if (held || pick(3) === 0) return
  world.add('conntrackZones', {
    ...{ datapath_id: of(pick, world.rows('datapaths')).id, zone: 1_000 + interface_id },
    ...{ purpose: 'translation', interface_id, network_id: null },
  })
}
