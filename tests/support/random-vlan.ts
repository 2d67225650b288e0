/** Ports to legacy switches, of random worlds. */
import type { Pick } from './random-pick.ts'
import type { World } from './world.ts'

const of = <T>(pick: Pick, list: readonly T[]): T => list[pick(list.length)]!

/** An interface whose port may serve VLANs; mostly one that does. */
export function trunkOf(world: World, pick: Pick): number {
  const edges = world.rows('interfaces').filter(({ mode }) => mode === 'edge')
  return of(pick, edges.length > 0 && pick(4) > 0 ? edges : world.rows('interfaces')).id
}

/** A VLAN, mostly of a port that is plugged in, and all that leads to it. */
export function addVlan(
  world: World,
  pick: Pick,
  any: { readonly interface_id: number; readonly datapath_id: number; readonly network_id: number },
): undefined {
  const { network_id } = any
  const interface_id = trunkOf(world, pick)
  const place = world.rows('activeInterfaces').find((row) => row.interface_id === interface_id)
  const vlan_id = 100 + pick(2)
  const translation = world.add('translations', { mode: 'vnet_edge', interface_id })
  world.add('vlanTranslations', { translation_id: translation.id, network_id, vlan_id })
  if (world.rows('activeVlans').some((row) => row.network_id === network_id && row.vlan_id === vlan_id))
    return
  world.add('activeVlans', {
    network_id,
    vlan_id,
    interface_id: pick(8) === 0 ? any.interface_id : interface_id,
    datapath_id: place?.datapath_id ?? any.datapath_id,
    leased: pick(2) > 0,
  })
}
