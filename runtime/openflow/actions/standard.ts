/** The actions of OpenFlow 1.3.5, §7.2.5, and those of 1.1 that Open vSwitch still reads. */
import { align, bits, ipv4, mac, ownLength, pad, rest, struct, u8, u16, u32 } from '../../wire/index.ts'
import { header } from '../fields/header.ts'
import { oxm } from '../fields/match.ts'
import { group, maxLen, meter, port } from '../numbers.ts'
import { action } from './action.ts'

const pad2 = pad(2)
const pad3 = pad(3)
const pad4 = pad(4)

/** Where bits of a field begin, and how many there are. */
export const subfield = bits(u16, { offset: [6, 10], n_bits: [0, 6, 1] })

export const standardActions = [
  action('OFPAT_OUTPUT', 0, { port, max_len: maxLen, pad: pad(6) }),
  action('OFPAT_SET_VLAN_VID', 1, { vlan_vid: u16, pad: pad2 }),
  action('OFPAT_SET_VLAN_PCP', 2, { vlan_pcp: u8, pad: pad3 }),
  action('OFPAT_SET_DL_SRC', 3, { dl_addr: mac, pad: pad(6) }),
  action('OFPAT_SET_DL_DST', 4, { dl_addr: mac, pad: pad(6) }),
  action('OFPAT_SET_NW_SRC', 5, { nw_addr: ipv4 }),
  action('OFPAT_SET_NW_DST', 6, { nw_addr: ipv4 }),
  action('OFPAT_SET_NW_TOS', 7, { nw_tos: u8, pad: pad3 }),
  action('OFPAT_SET_NW_ECN', 8, { nw_ecn: u8, pad: pad3 }),
  action('OFPAT_SET_TP_SRC', 9, { tp_port: u16, pad: pad2 }),
  action('OFPAT_SET_TP_DST', 10, { tp_port: u16, pad: pad2 }),
  action('OFPAT_COPY_TTL_OUT', 11, { pad: pad4 }),
  action('OFPAT_COPY_TTL_IN', 12, { pad: pad4 }),
  action('OFPAT_SET_MPLS_LABEL', 13, { mpls_label: u32 }),
  action('OFPAT_SET_MPLS_TC', 14, { mpls_tc: u8, pad: pad3 }),
  action('OFPAT_SET_MPLS_TTL', 15, { mpls_ttl: u8, pad: pad3 }),
  action('OFPAT_DEC_MPLS_TTL', 16, { pad: pad4 }),
  action('OFPAT_PUSH_VLAN', 17, { ethertype: u16, pad: pad2 }),
  action('OFPAT_POP_VLAN', 18, { pad: pad4 }),
  action('OFPAT_PUSH_MPLS', 19, { ethertype: u16, pad: pad2 }),
  action('OFPAT_POP_MPLS', 20, { ethertype: u16, pad: pad2 }),
  action('OFPAT_SET_QUEUE', 21, { queue_id: u32 }),
  action('OFPAT_GROUP', 22, { group_id: group }),
  action('OFPAT_SET_NW_TTL', 23, { nw_ttl: u8, pad: pad3 }),
  action('OFPAT_DEC_NW_TTL', 24, { pad: pad4 }),
  action('OFPAT_SET_FIELD', 25, { field: oxm, pad: align(8) }),
  action('OFPAT_PUSH_PBB', 26, { ethertype: u16, pad: pad2 }),
  action('OFPAT_POP_PBB', 27, { pad: pad4 }),
  action('OFPAT_COPY_FIELD', 28, {
    n_bits: u16,
    src_offset: u16,
    dst_offset: u16,
    pad: pad2,
    src: header,
    dst: header,
    pad2: align(8),
  }),
  action('OFPAT_METER', 29, { meter_id: meter }),
  action('OFPAT_EXPERIMENTER', 0xffff, { experimenter: u32, data: rest }),
] as const

/** What no other action fits. */
export const unknownAction = struct({ type: u16, len: ownLength, data: rest })
