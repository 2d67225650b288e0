/** Who speaks for router interfaces, of random worlds: mostly of those that routes are of, and a datapath that leads out. */
import type { Pick } from './random-pick.ts'
import type { World } from './world.ts'

const of = <T>(pick: Pick, list: readonly T[]): T => list[pick(list.length)]!

/** A datapath where some host interface is, if there is one. */
function leadsOut(world: World, pick: Pick): number {
  const hosts = new Set(
    world
      .rows('interfaces')
      .filter(({ mode }) => mode === 'host')
      .map(({ id }) => id),
  )
  const places = world.rows('activeInterfaces').filter(({ interface_id }) => hosts.has(interface_id))
  return places.length === 0 ? of(pick, world.rows('datapaths')).id : of(pick, places).datapath_id
}

export function addSpeaker(world: World, pick: Pick): undefined {
  const routes = world.rows('routes')
  if (routes.length === 0) return
  const { interface_id, network_id } = of(pick, routes)
  const known = world
    .rows('activeRouters')
    .some((row) => row.interface_id === interface_id && row.network_id === network_id)
  if (known) return
  world.add('activeRouters', {
    ...{ interface_id, network_id, datapath_id: leadsOut(world, pick) },
    ...{ speaks: pick(5) > 0, leased: pick(3) > 0 },
  })
}
