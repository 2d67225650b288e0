/** Flow entries (OpenFlow 1.3.5, §7.3.4.1, §7.4.2). */
import { flags, names, pad, u8, u16, u32, u64 } from '../../wire/index.ts'
import { match } from '../fields/match.ts'
import { instructions } from '../instructions.ts'
import { buffer, group, port, table } from '../numbers.ts'
import { flowRemovedReason } from '../reasons.ts'
import { message } from './message.ts'

export const flowModFlags = flags(u16, {
  OFPFF_SEND_FLOW_REM: 1,
  OFPFF_CHECK_OVERLAP: 2,
  OFPFF_RESET_COUNTS: 4,
  OFPFF_NO_PKT_COUNTS: 8,
  OFPFF_NO_BYT_COUNTS: 16,
})

const flowModCommands = {
  OFPFC_ADD: 0,
  OFPFC_MODIFY: 1,
  OFPFC_MODIFY_STRICT: 2,
  OFPFC_DELETE: 3,
  OFPFC_DELETE_STRICT: 4,
} as const

export const flowMessages = [
  message('OFPT_FLOW_MOD', 14, {
    cookie: u64,
    cookie_mask: u64,
    table_id: table,
    command: names(u8, flowModCommands),
    idle_timeout: u16,
    hard_timeout: u16,
    priority: u16,
    buffer_id: buffer,
    out_port: port,
    out_group: group,
    flags: flowModFlags,
    pad: pad(2),
    match,
    instructions,
  }),
  message('OFPT_FLOW_REMOVED', 11, {
    cookie: u64,
    priority: u16,
    reason: flowRemovedReason,
    table_id: u8,
    duration_sec: u32,
    duration_nsec: u32,
    idle_timeout: u16,
    hard_timeout: u16,
    packet_count: u64,
    byte_count: u64,
    match,
  }),
] as const
