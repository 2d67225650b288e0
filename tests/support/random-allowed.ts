/** What interfaces of a random state may have beside their leases, and something that they have; or where they belong. */
import type { Pick } from './random-pick.ts'
import type { World } from './world.ts'

const of = <T>(pick: Pick, list: readonly T[]): T => list[pick(list.length)]!
const virtual = 0x0000_5e00_0101
const prefixes = [
  { ipv4_network: 0x0a00_0000, ipv4_prefix: 24 },
  { ipv4_network: 0x0a00_0008, ipv4_prefix: 29 },
  { ipv4_network: 0x0a00_0009, ipv4_prefix: 32 },
  { ipv6_network: '::', ipv6_prefix: 0 },
  { ipv6_network: '2001:db8::', ipv6_prefix: 124 },
  { ipv6_network: '2001:db8::9', ipv6_prefix: 128 },
  { ipv6_network: 'fe80::9', ipv6_prefix: 128 },
]

function addHolder(world: World, pick: Pick, interface_id: number): void {
  const { id: network_id } = of(pick, world.rows('networks'))
  const last = 1 + pick(30)
  const ipv6_address = pick(3) === 0 ? `${of(pick, ['2001:db8::', 'fe80::'])}${last.toString(16)}` : null
  const ipv4_address = ipv6_address === null ? 0x0a00_0000 + last : null
  const isTaken = world
    .rows('addressHolders')
    .some(
      (row) =>
        row.network_id === network_id &&
        row.ipv4_address === ipv4_address &&
        row.ipv6_address === ipv6_address,
    )
  if (isTaken) return
  const own = world.rows('macLeases').find((lease) => lease.interface_id === interface_id)?.mac_address
  const mac_address = pick(2) === 0 ? virtual : (own ?? virtual)
  world.add('addressHolders', { network_id, ipv4_address, ipv6_address, interface_id, mac_address })
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
    ...{ interface_id, ...of(pick, prefixes) },
    mac_address: pick(3) === 0 ? virtual : null,
  })
  addHolder(world, pick, interface_id)
  if (pick(3) === 0) addOwner(world, pick, interface_id)
}
