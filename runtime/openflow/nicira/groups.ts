/** Groups as OpenFlow 1.5 has them, with selection methods (nicira-ext.h, OpenFlow 1.5.1 §7.3.4.3). */
import {
  align,
  lengthOf,
  list,
  names,
  ownLength,
  pad,
  rest,
  struct,
  text,
  u16,
  u32,
  u64,
  union,
} from '../../wire/index.ts'
import { oxms } from '../fields/match.ts'
import { actions } from '../instructions.ts'
import { groupType } from '../messages/groups.ts'
import { experimenterReply, experimenterRequest, nicira } from '../messages/message.ts'
import { groupFeatures, groupStats } from '../multipart/groups.ts'
import { experimenters, group, port } from '../numbers.ts'
import { experimenterProperty, property, unknownProperty } from '../property.ts'

const methodBytes = 16
const bucketNumber = names(u32, {
  OFPG_BUCKET_FIRST: 0xfffffffd,
  OFPG_BUCKET_LAST: 0xfffffffe,
  OFPG_BUCKET_ALL: 0xffffffff,
})

const bucketProperty = union('bucket property', [
  property('OFPGBPT_WEIGHT', 0, { weight: u16, pad: align(4) }),
  property('OFPGBPT_WATCH_PORT', 1, { watch: port }),
  property('OFPGBPT_WATCH_GROUP', 2, { watch: group }),
  property('OFPGBPT_EXPERIMENTER', 0xffff, { experimenter: u32, exp_type: u32, data: rest }),
  unknownProperty,
])

const bucket = struct({
  len: ownLength,
  action_array_len: lengthOf('actions'),
  bucket_id: bucketNumber,
  actions,
  properties: list(bucketProperty),
})

/** `fields` has a mask as the value of each field that is hashed. */
const selectionMethod = {
  pad: pad(4),
  selection_method: text(methodBytes),
  selection_method_param: u64,
  fields: oxms,
} as const
const groupProperty = union('group property', [
  experimenterProperty('NTRT_SELECTION_METHOD', 0xffff, experimenters.netronome, 1, selectionMethod),
  // Open vSwitch 2.4 had another number.
  experimenterProperty('NTRT_SELECTION_METHOD_COMPAT', 0xffff, 0x00001540, 1, selectionMethod),
  property('OFPGPT_EXPERIMENTER', 0xffff, { experimenter: u32, exp_type: u32, data: rest }),
  unknownProperty,
])

const description = struct({
  length: ownLength,
  type: groupType,
  pad: pad(1),
  group_id: group,
  bucket_array_len: lengthOf('buckets'),
  pad2: pad(6),
  buckets: list(bucket),
  properties: list(groupProperty),
})

const which = struct({ group_id: group, pad: pad(4) })

export const groupMessages = [
  nicira('NXT_GROUP_MOD', 31, {
    command: names(u16, {
      OFPGC_ADD: 0,
      OFPGC_MODIFY: 1,
      OFPGC_DELETE: 2,
      OFPGC_INSERT_BUCKET: 3,
      OFPGC_REMOVE_BUCKET: 5,
      OFPGC_ADD_OR_MOD: 0x8000,
    }),
    group_type: groupType,
    pad: pad(1),
    group_id: group,
    bucket_array_len: lengthOf('buckets'),
    pad2: pad(2),
    command_bucket_id: bucketNumber,
    buckets: list(bucket),
    properties: list(groupProperty),
  }),
  experimenterRequest(experimenters.nicira, 'NXST_GROUP', 7, { body: which }),
  experimenterReply(experimenters.nicira, 'NXST_GROUP', 7, { body: list(groupStats) }),
  experimenterRequest(experimenters.nicira, 'NXST_GROUP_FEATURES', 9, {}),
  experimenterReply(experimenters.nicira, 'NXST_GROUP_FEATURES', 9, { body: groupFeatures }),
  experimenterRequest(experimenters.nicira, 'NXST_GROUP_DESC', 8, { body: which }),
  experimenterReply(experimenters.nicira, 'NXST_GROUP_DESC', 8, { body: list(description) }),
] as const
