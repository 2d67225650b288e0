/** Flow messages in Nicira's own formats, which Open vSwitch reads in any version (nicira-ext.h). */
import { align, lengthOf, list, ownLength, pad, struct, u8, u16, u32, u64 } from '../../wire/index.ts'
import { oxms } from '../fields/match.ts'
import { actions, instructions } from '../instructions.ts'
import { flowModFlags } from '../messages/flows.ts'
import { experimenterReply, experimenterRequest, nicira } from '../messages/message.ts'
import { aggregate } from '../multipart/flows.ts'
import { buffer, experimenters, port16, table } from '../numbers.ts'
import { flowRemovedReason } from '../reasons.ts'

const filter = struct({
  out_port: port16,
  match_len: lengthOf('match'),
  table_id: table,
  pad: pad(3),
  match: oxms,
  pad2: align(8),
})

const flowStats = struct({
  length: ownLength,
  table_id: u8,
  pad: pad(1),
  duration_sec: u32,
  duration_nsec: u32,
  priority: u16,
  idle_timeout: u16,
  hard_timeout: u16,
  match_len: lengthOf('match'),
  idle_age: u16,
  hard_age: u16,
  cookie: u64,
  packet_count: u64,
  byte_count: u64,
  match: oxms,
  pad2: align(8),
  actions,
})

export const flowMessages = [
  nicira('NXT_FLOW_MOD', 13, {
    cookie: u64,
    /** An OFPFC_* command, with the table in the high byte once NXT_FLOW_MOD_TABLE_ID has set that. */
    command: u16,
    idle_timeout: u16,
    hard_timeout: u16,
    priority: u16,
    buffer_id: buffer,
    out_port: port16,
    flags: flowModFlags,
    match_len: lengthOf('match'),
    pad: pad(6),
    match: oxms,
    pad2: align(8),
    // OpenFlow 1.0 has actions here; from 1.1 on Open vSwitch has instructions.
    instructions,
  }),
  nicira('NXT_FLOW_REMOVED', 14, {
    cookie: u64,
    priority: u16,
    reason: flowRemovedReason,
    /** The table plus one, 0 where it is not known. */
    table_id: u8,
    duration_sec: u32,
    duration_nsec: u32,
    idle_timeout: u16,
    match_len: lengthOf('match'),
    packet_count: u64,
    byte_count: u64,
    match: oxms,
    pad: align(8),
  }),
  experimenterRequest(experimenters.nicira, 'NXST_FLOW', 0, { body: filter }),
  experimenterReply(experimenters.nicira, 'NXST_FLOW', 0, { body: list(flowStats) }),
  experimenterRequest(experimenters.nicira, 'NXST_AGGREGATE', 1, { body: filter }),
  experimenterReply(experimenters.nicira, 'NXST_AGGREGATE', 1, { body: aggregate }),
] as const
