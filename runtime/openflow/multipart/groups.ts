/** OFPMP_GROUP, OFPMP_GROUP_DESC, OFPMP_GROUP_FEATURES (OpenFlow 1.3.5, §7.3.5.9 to 11). */
import { flags, list, ownLength, pad, struct, u32, u64 } from '../../wire/index.ts'
import { bucket, groupType } from '../messages/groups.ts'
import { reply, request } from '../messages/message.ts'
import { group } from '../numbers.ts'

const bucketCounter = struct({ packet_count: u64, byte_count: u64 })

export const groupStats = struct({
  length: ownLength,
  pad: pad(2),
  group_id: group,
  ref_count: u32,
  pad2: pad(4),
  packet_count: u64,
  byte_count: u64,
  duration_sec: u32,
  duration_nsec: u32,
  bucket_stats: list(bucketCounter),
})

const groupDescription = struct({
  length: ownLength,
  type: groupType,
  pad: pad(1),
  group_id: group,
  buckets: list(bucket),
})

/** Bit n is the action of type n. */
const actionTypes = flags(u32, {
  OFPAT_OUTPUT: 1 << 0,
  OFPAT_COPY_TTL_OUT: 1 << 11,
  OFPAT_COPY_TTL_IN: 1 << 12,
  OFPAT_SET_MPLS_TTL: 1 << 15,
  OFPAT_DEC_MPLS_TTL: 1 << 16,
  OFPAT_PUSH_VLAN: 1 << 17,
  OFPAT_POP_VLAN: 1 << 18,
  OFPAT_PUSH_MPLS: 1 << 19,
  OFPAT_POP_MPLS: 1 << 20,
  OFPAT_SET_QUEUE: 1 << 21,
  OFPAT_GROUP: 1 << 22,
  OFPAT_SET_NW_TTL: 1 << 23,
  OFPAT_DEC_NW_TTL: 1 << 24,
  OFPAT_SET_FIELD: 1 << 25,
  OFPAT_PUSH_PBB: 1 << 26,
  OFPAT_POP_PBB: 1 << 27,
})

export const groupFeatures = struct({
  types: flags(u32, { OFPGT_ALL: 1, OFPGT_SELECT: 2, OFPGT_INDIRECT: 4, OFPGT_FF: 8 }),
  capabilities: flags(u32, {
    OFPGFC_SELECT_WEIGHT: 1,
    OFPGFC_SELECT_LIVENESS: 2,
    OFPGFC_CHAINING: 4,
    OFPGFC_CHAINING_CHECKS: 8,
  }),
  max_groups_all: u32,
  max_groups_select: u32,
  max_groups_indirect: u32,
  max_groups_ff: u32,
  actions_all: actionTypes,
  actions_select: actionTypes,
  actions_indirect: actionTypes,
  actions_ff: actionTypes,
})

export const groupParts = [
  request('OFPMP_GROUP', 6, { body: struct({ group_id: group, pad: pad(4) }) }),
  reply('OFPMP_GROUP', 6, { body: list(groupStats) }),
  request('OFPMP_GROUP_DESC', 7, {}),
  reply('OFPMP_GROUP_DESC', 7, { body: list(groupDescription) }),
  request('OFPMP_GROUP_FEATURES', 8, {}),
  reply('OFPMP_GROUP_FEATURES', 8, { body: groupFeatures }),
] as const
