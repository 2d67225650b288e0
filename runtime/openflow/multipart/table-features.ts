/** OFPMP_TABLE_FEATURES (OpenFlow 1.3.5, §7.3.5.5): what a table matches, does, sets and leads to. */
import {
  list,
  literal,
  names,
  ownLength,
  pad,
  rest,
  struct,
  text,
  u8,
  u16,
  u32,
  u64,
  union,
} from '../../wire/index.ts'
import { header } from '../fields/header.ts'
import { reply, request } from '../messages/message.ts'
import { property, unknownProperty } from '../property.ts'

const tableNameBytes = 32

const instructionType = names(u16, {
  OFPIT_GOTO_TABLE: 1,
  OFPIT_WRITE_METADATA: 2,
  OFPIT_WRITE_ACTIONS: 3,
  OFPIT_APPLY_ACTIONS: 4,
  OFPIT_CLEAR_ACTIONS: 5,
  OFPIT_METER: 6,
})
/** An instruction named without its fields. */
const instructionId = union('instruction id', [
  struct({ type: literal(u16, 0xffff, 'OFPIT_EXPERIMENTER'), len: ownLength, experimenter: u32, data: rest }),
  struct({ type: instructionType, len: ownLength }),
])

const actionType = names(u16, {
  OFPAT_OUTPUT: 0,
  OFPAT_SET_VLAN_VID: 1,
  OFPAT_SET_VLAN_PCP: 2,
  OFPAT_SET_DL_SRC: 3,
  OFPAT_SET_DL_DST: 4,
  OFPAT_SET_NW_SRC: 5,
  OFPAT_SET_NW_DST: 6,
  OFPAT_SET_NW_TOS: 7,
  OFPAT_SET_NW_ECN: 8,
  OFPAT_SET_TP_SRC: 9,
  OFPAT_SET_TP_DST: 10,
  OFPAT_COPY_TTL_OUT: 11,
  OFPAT_COPY_TTL_IN: 12,
  OFPAT_SET_MPLS_LABEL: 13,
  OFPAT_SET_MPLS_TC: 14,
  OFPAT_SET_MPLS_TTL: 15,
  OFPAT_DEC_MPLS_TTL: 16,
  OFPAT_PUSH_VLAN: 17,
  OFPAT_POP_VLAN: 18,
  OFPAT_PUSH_MPLS: 19,
  OFPAT_POP_MPLS: 20,
  OFPAT_SET_QUEUE: 21,
  OFPAT_GROUP: 22,
  OFPAT_SET_NW_TTL: 23,
  OFPAT_DEC_NW_TTL: 24,
  OFPAT_SET_FIELD: 25,
  OFPAT_PUSH_PBB: 26,
  OFPAT_POP_PBB: 27,
})
/** An action named without its fields. */
const actionId = union('action id', [
  struct({ type: literal(u16, 0xffff, 'OFPAT_EXPERIMENTER'), len: ownLength, experimenter: u32, data: rest }),
  struct({ type: actionType, len: ownLength }),
])

const instructionIds = { instruction_ids: list(instructionId) } as const
const nextTables = { next_table_ids: list(u8) } as const
const actionIds = { action_ids: list(actionId) } as const
const fieldIds = { oxm_ids: list(header) } as const
const experimenterData = { experimenter: u32, exp_type: u32, data: rest } as const

const tableProperty = union('table property', [
  property('OFPTFPT_INSTRUCTIONS', 0, instructionIds),
  property('OFPTFPT_INSTRUCTIONS_MISS', 1, instructionIds),
  property('OFPTFPT_NEXT_TABLES', 2, nextTables),
  property('OFPTFPT_NEXT_TABLES_MISS', 3, nextTables),
  property('OFPTFPT_WRITE_ACTIONS', 4, actionIds),
  property('OFPTFPT_WRITE_ACTIONS_MISS', 5, actionIds),
  property('OFPTFPT_APPLY_ACTIONS', 6, actionIds),
  property('OFPTFPT_APPLY_ACTIONS_MISS', 7, actionIds),
  property('OFPTFPT_MATCH', 8, fieldIds),
  property('OFPTFPT_WILDCARDS', 10, fieldIds),
  property('OFPTFPT_WRITE_SETFIELD', 12, fieldIds),
  property('OFPTFPT_WRITE_SETFIELD_MISS', 13, fieldIds),
  property('OFPTFPT_APPLY_SETFIELD', 14, fieldIds),
  property('OFPTFPT_APPLY_SETFIELD_MISS', 15, fieldIds),
  property('OFPTFPT_EXPERIMENTER', 0xfffe, experimenterData),
  property('OFPTFPT_EXPERIMENTER_MISS', 0xffff, experimenterData),
  unknownProperty,
])

const tableFeatures = struct({
  length: ownLength,
  table_id: u8,
  pad: pad(5),
  name: text(tableNameBytes),
  metadata_match: u64,
  metadata_write: u64,
  config: u32,
  max_entries: u32,
  properties: list(tableProperty),
})

export const tableFeatureParts = [
  request('OFPMP_TABLE_FEATURES', 12, { body: list(tableFeatures) }),
  reply('OFPMP_TABLE_FEATURES', 12, { body: list(tableFeatures) }),
] as const
