/** Security groups, filters and zones that nobody planned. */
import { filterActions, filterProtocols, type Row } from '../../runtime/openvnet.ts'
import type { Pick } from './random-pick.ts'
import type { World } from './world.ts'

const groups = 3
const peers = ['0.0.0.0/0', '10.0.0.0/24', '10.0.0.7', 'sg-1', 'sg-2', 'sg-9']

/** Rules that say the same twice, of groups that are not there, or nothing. */
export function randomRules(pick: Pick): string {
  const rule = () => {
    const protocol = ['tcp', 'udp', 'icmp'][pick(3)]!
    return `${pick(4) === 0 ? 'egress:' : ''}${protocol}:${80 + pick(2)}:${peers[pick(peers.length)]!}`
  }
  return Array.from({ length: pick(6) }, rule).join(pick(2) === 0 ? ',' : ' # remark\n')
}

export function addGroups(world: World, pick: Pick): void {
  for (let id = 1; id <= groups; id++)
    world.add('securityGroups', { uuid: `sg-${id}`, display_name: '', rules: randomRules(pick) })
}

const of = <T>(pick: Pick, list: readonly T[]): T => list[pick(list.length)]!
const prefixes = [0, 8, 24, 32]

/** A member of a group, a rule of a filter, or a zone. */
export function growSecurity(
  world: World,
  pick: Pick,
): 'securityGroupInterfaces' | 'conntrackZones' | undefined {
  const interface_id = of(pick, world.rows('interfaces')).id
  const kind = pick(3)
  if (kind === 0) {
    world.add('securityGroupInterfaces', { interface_id, security_group_id: 1 + pick(groups) })
    return 'securityGroupInterfaces'
  }
  if (kind === 1) {
    world.add('conntrackZones', {
      ...{ interface_id, purpose: 'filtering', zone: 1 + pick(60) },
      ...{
        datapath_id: of(pick, world.rows('datapaths')).id,
        network_id: of(pick, world.rows('networks')).id,
      },
    })
    return 'conntrackZones'
  }
  addRule(world, pick, interface_id)
  return undefined
}

function addRule(world: World, pick: Pick, interface_id: number): void {
  const filters = world.rows('filters')
  const filter =
    filters.length === 0 || pick(2) === 0
      ? world.add('filters', { interface_id, mode: 'static', ingress_passthrough: pick(2) === 0 })
      : of(pick, filters)
  const protocol: Row<'filterStatics'>['protocol'] = of(pick, filterProtocols)
  const port = () => (protocol === 'tcp' || protocol === 'udp' ? pick(2) * 80 : null)
  const isIpv6 = protocol !== 'arp' && pick(3) === 0
  world.add('filterStatics', {
    ...(isIpv6 && {
      ...{ ipv6_src_address: '::', ipv6_src_prefix: 0 },
      ...{ ipv6_dst_address: '2001:db8::', ipv6_dst_prefix: of(pick, [32, 64, 128]) },
    }),
    ...{ filter_id: filter.id, protocol, action: of(pick, filterActions) },
    ...{ src_address: 0, src_prefix: 0, dst_address: 0x0a00_0000, dst_prefix: of(pick, prefixes) },
    ...{ src_port: port(), dst_port: port() },
  })
}
