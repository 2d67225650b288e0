/** Connection tracking (ovs-actions(7), "ct" and "nat"). Both nest: ct holds actions, among them nat. */
import {
  align,
  flags,
  ipv4,
  ipv6,
  lazy,
  list,
  type Node,
  names,
  optional,
  pad,
  presence,
  type Raw,
  type StructNode,
  u8,
  u16,
} from '../../wire/index.ts'
import { nicira } from './action.ts'
import { type Action, action } from './index.ts'
import { type Zone, zone } from './zone.ts'

const actions: Node<readonly Action[]> = lazy(() => list(action))

export interface ConntrackAction {
  type: 'NXAST_CT'
  flags: readonly ('NX_CT_F_COMMIT' | 'NX_CT_F_FORCE' | number)[]
  zone: Zone
  /** 255 is NX_CT_RECIRC_NONE: do not recirculate. */
  recirc_table: number | 'NX_CT_RECIRC_NONE'
  alg: number
  actions: readonly Action[]
  raw?: Raw
}

export const conntrack: StructNode<ConntrackAction> = nicira('NXAST_CT', 35, {
  flags: flags(u16, { NX_CT_F_COMMIT: 1, NX_CT_F_FORCE: 2 }),
  zone,
  recirc_table: names(u8, { NX_CT_RECIRC_NONE: 255 }),
  pad: pad(3),
  alg: u16,
  actions,
})

export interface CloneAction {
  type: 'NXAST_CLONE'
  actions: readonly Action[]
  raw?: Raw
}

export const clone: StructNode<CloneAction> = nicira('NXAST_CLONE', 42, { pad: pad(6), actions })

export const nat = nicira('NXAST_NAT', 36, {
  pad: pad(2),
  flags: flags(u16, {
    NX_NAT_F_SRC: 1,
    NX_NAT_F_DST: 2,
    NX_NAT_F_PERSISTENT: 4,
    NX_NAT_F_PROTO_HASH: 8,
    NX_NAT_F_PROTO_RANDOM: 16,
  }),
  range_present: presence({
    ipv4_min: 1,
    ipv4_max: 2,
    ipv6_min: 4,
    ipv6_max: 8,
    proto_min: 16,
    proto_max: 32,
  }),
  ipv4_min: optional(ipv4),
  ipv4_max: optional(ipv4),
  ipv6_min: optional(ipv6),
  ipv6_max: optional(ipv6),
  proto_min: optional(u16),
  proto_max: optional(u16),
  pad2: align(8),
})
