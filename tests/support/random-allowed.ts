/** What interfaces of a random state may have beside their leases, and something that they have; or where they belong. */
import type { Pick } from './random-pick.ts'
import type { World } from './world.ts'

const of = <T>(pick: Pick, list: readonly T[]): T => list[pick(list.length)]!
const virtual = 0x0000_5e00_0101

function addHolder(world: World, pick: Pick, interface_id: number): void {
  const { id: network_id } = of(pick, world.rows('networks'))
  const ipv4_address = 0x0a00_0001 + pick(30)
  const isTaken = world
    .rows('addressHolders')
    .some((row) => row.network_id === network_id && row.ipv4_address === ipv4_address)
  if (isTaken) return
  const own = world.rows('macLeases').find((lease) => lease.interface_id === interface_id)?.mac_address
  const mac_address = pick(2) === 0 ? virtual : (own ?? virtual)
  world.add('addressHolders', { network_id, ipv4_address, interface_id, mac_address })
}

function addOwner(world: World, pick: Pick, interface_id: number): void {
  const { id: datapath_id } = of(pick, world.rows('datapaths'))
  const { mode: interface_mode } = world.rows('interfaces').find(({ id }) => id === interface_id)!
  const isThere = world
    .rows('interfacePorts')
    .some((row) => row.interface_id === interface_id && row.datapath_id === datapath_id)
  if (!isThere) world.add('interfacePorts', { interface_id, datapath_id, interface_mode })
}

export function addAllowed(world: World, pick: Pick, interface_id: number): undefined {
  world.add('allowedAddresses', {
    ...{ interface_id, ipv4_network: of(pick, [0x0a00_0000, 0x0a00_0008, 0x0a00_0009]) },
    ...{ ipv4_prefix: of(pick, [24, 29, 32]), mac_address: pick(3) === 0 ? virtual : null },
  })
  addHolder(world, pick, interface_id)
  if (pick(3) === 0) addOwner(world, pick, interface_id)
}
