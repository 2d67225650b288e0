/** Nicira's actions on registers and packet fields (ovs-actions(7)). */
import { align, countOf, list, pad, rest, u8, u16, u32, u64 } from '../../wire/index.ts'
import { header, header32 } from '../fields/header.ts'
import { oxm } from '../fields/match.ts'
import { nicira, onf } from './action.ts'
import { subfield } from './standard.ts'

export const fieldActions = [
  nicira('NXAST_REG_MOVE', 6, {
    n_bits: u16,
    src_ofs: u16,
    dst_ofs: u16,
    src: header,
    dst: header,
    pad: align(8),
  }),
  nicira('NXAST_REG_LOAD', 7, { ofs_nbits: subfield, dst: header32, value: u64 }),
  nicira('NXAST_REG_LOAD2', 33, { field: oxm, pad: align(8) }),
  onf('ONFACT_COPY_FIELD', 3200, {
    pad: pad(2),
    n_bits: u16,
    src_offset: u16,
    dst_offset: u16,
    pad2: pad(2),
    src: header,
    dst: header,
    pad3: align(8),
  }),
  nicira('NXAST_STACK_PUSH', 27, { offset: u16, field: header, n_bits: u16, pad: align(8) }),
  nicira('NXAST_STACK_POP', 28, { offset: u16, field: header, n_bits: u16, pad: align(8) }),
  nicira('NXAST_DELETE_FIELD', 50, { field: header, pad: align(8, 24) }),
  nicira('NXAST_SET_TUNNEL', 2, { pad: pad(2), tun_id: u32 }),
  nicira('NXAST_SET_TUNNEL64', 9, { pad: pad(6), tun_id: u64 }),
  nicira('NXAST_WRITE_METADATA', 22, { pad: pad(6), metadata: u64, mask: u64 }),
  nicira('NXAST_SET_QUEUE', 4, { pad: pad(2), queue_id: u32 }),
  nicira('NXAST_POP_QUEUE', 5, { pad: pad(6) }),
  nicira('NXAST_DEC_TTL', 18, { pad: pad(6) }),
  nicira('NXAST_DEC_TTL_CNT_IDS', 21, {
    n_controllers: countOf('cnt_ids'),
    pad: pad(4),
    cnt_ids: list(u16),
    pad2: align(8),
  }),
  nicira('NXAST_SET_MPLS_LABEL', 30, { pad: pad(2), mpls_label: u32 }),
  nicira('NXAST_SET_MPLS_TC', 31, { mpls_tc: u8, pad: pad(5) }),
  nicira('NXAST_SET_MPLS_TTL', 25, { mpls_ttl: u8, pad: pad(5) }),
  nicira('NXAST_DEC_MPLS_TTL', 26, { pad: pad(6) }),
  nicira('NXAST_PUSH_MPLS', 23, { ethertype: u16, pad: pad(4) }),
  nicira('NXAST_POP_MPLS', 24, { ethertype: u16, pad: pad(4) }),
  nicira('NXAST_DEC_NSH_TTL', 48, { pad: pad(6) }),
  nicira('NXAST_CHECK_PKT_LARGER', 49, { pkt_len: u16, offset: u16, dst: header, pad: align(8) }),
  nicira('NXAST_NOTE', 8, { note: rest }),
] as const
