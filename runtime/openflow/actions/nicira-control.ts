/** Nicira's actions that output, resubmit, hash and sample (ovs-actions(7)). */
import { align, countOf, flags, list, names, optional, pad, u8, u16, u32, u64 } from '../../wire/index.ts'
import { header, header32 } from '../fields/header.ts'
import { port16 } from '../numbers.ts'
import { packetInReason } from '../reasons.ts'
import { nicira } from './action.ts'
import { controllerProperty } from './controller-properties.ts'
import { encapProperty } from './encap-properties.ts'
import { learnSpecs } from './learn-specs.ts'
import { subfield } from './standard.ts'

const hashFields = names(u16, {
  NX_HASH_FIELDS_ETH_SRC: 0,
  NX_HASH_FIELDS_SYMMETRIC_L4: 1,
  NX_HASH_FIELDS_SYMMETRIC_L3L4: 2,
  NX_HASH_FIELDS_SYMMETRIC_L3L4_UDP: 3,
  NX_HASH_FIELDS_NW_SRC: 4,
  NX_HASH_FIELDS_NW_DST: 5,
  NX_HASH_FIELDS_SYMMETRIC_L3: 6,
})
const multipathAlgorithm = names(u16, {
  NX_MP_ALG_MODULO_N: 0,
  NX_MP_ALG_HASH_THRESHOLD: 1,
  NX_MP_ALG_HRW: 2,
  NX_MP_ALG_ITER_HASH: 3,
})
const bundleAlgorithm = names(u16, { NX_BD_ALG_ACTIVE_BACKUP: 0, NX_BD_ALG_HRW: 1 })
const sampleDirection = names(u8, {
  NX_ACTION_SAMPLE_DEFAULT: 0,
  NX_ACTION_SAMPLE_INGRESS: 1,
  NX_ACTION_SAMPLE_EGRESS: 2,
})
const learnFlags = flags(u16, {
  NX_LEARN_F_SEND_FLOW_REM: 1,
  NX_LEARN_F_DELETE_LEARNED: 2,
  NX_LEARN_F_WRITE_RESULT: 4,
})

const bundle = {
  algorithm: bundleAlgorithm,
  fields: hashFields,
  basis: u16,
  member_type: header32,
  n_members: countOf('members'),
  ofs_nbits: u16,
  dst: header32,
  pad: pad(4),
  members: list(port16),
  pad2: align(8),
} as const

const sample = {
  probability: u16,
  collector_set_id: u32,
  obs_domain_id: u32,
  obs_point_id: u32,
} as const

const learn = {
  idle_timeout: u16,
  hard_timeout: u16,
  priority: u16,
  cookie: u64,
  flags: learnFlags,
  table_id: u8,
  pad: pad(1),
  fin_idle_timeout: u16,
  fin_hard_timeout: u16,
} as const

export const controlActions = [
  nicira('NXAST_RESUBMIT', 1, { in_port: port16, pad: pad(4) }),
  nicira('NXAST_RESUBMIT_TABLE', 14, { in_port: port16, table: u8, pad: pad(3) }),
  nicira('NXAST_RESUBMIT_TABLE_CT', 44, { in_port: port16, table: u8, pad: pad(3) }),
  nicira('NXAST_MULTIPATH', 10, {
    fields: hashFields,
    basis: u16,
    pad: pad(2),
    algorithm: multipathAlgorithm,
    max_link: u16,
    arg: u32,
    pad2: pad(2),
    ofs_nbits: subfield,
    dst: header32,
  }),
  nicira('NXAST_BUNDLE', 12, bundle),
  nicira('NXAST_BUNDLE_LOAD', 13, { ...bundle, ofs_nbits: subfield }),
  nicira('NXAST_OUTPUT_REG', 15, { ofs_nbits: subfield, src: header32, max_len: u16, pad: pad(6) }),
  nicira('NXAST_OUTPUT_REG2', 32, { ofs_nbits: subfield, max_len: u16, src: header, pad: align(8, 24) }),
  nicira('NXAST_OUTPUT_TRUNC', 39, { port: port16, max_len: u32 }),
  nicira('NXAST_LEARN', 16, { ...learn, specs: learnSpecs, pad2: align(8) }),
  nicira('NXAST_LEARN2', 45, {
    ...learn,
    limit: u32,
    result_dst_ofs: u16,
    pad2: pad(2),
    result_dst: optional(header, { field: 'flags', flag: 'NX_LEARN_F_WRITE_RESULT', bit: 4 }),
    specs: learnSpecs,
    pad3: align(8),
  }),
  nicira('NXAST_EXIT', 17, { pad: pad(6) }),
  nicira('NXAST_FIN_TIMEOUT', 19, { fin_idle_timeout: u16, fin_hard_timeout: u16, pad: pad(2) }),
  nicira('NXAST_CONTROLLER', 20, { max_len: u16, controller_id: u16, reason: packetInReason, pad: pad(1) }),
  nicira('NXAST_CONTROLLER2', 37, { pad: pad(6), properties: list(controllerProperty) }),
  nicira('NXAST_CONJUNCTION', 34, { clause: u8, n_clauses: u8, id: u32 }),
  nicira('NXAST_SAMPLE', 29, sample),
  nicira('NXAST_SAMPLE2', 38, { ...sample, sampling_port: port16, pad: pad(6) }),
  nicira('NXAST_SAMPLE3', 41, { ...sample, sampling_port: port16, direction: sampleDirection, pad: pad(5) }),
  nicira('NXAST_GROUP', 40, { pad: pad(2), group_id: u32 }),
  nicira('NXAST_CT_CLEAR', 43, { pad: pad(6) }),
  nicira('NXAST_ENCAP', 46, { hdr_size: u16, new_pkt_type: u32, properties: list(encapProperty) }),
  nicira('NXAST_DECAP', 47, { pad: pad(2), new_pkt_type: u32 }),
  nicira('NXAST_DEBUG_SLOW', 254, { pad: pad(6) }),
  nicira('NXAST_DEBUG_RECIRC', 255, { pad: pad(6) }),
] as const
