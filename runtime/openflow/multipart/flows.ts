/** Flow entries and their sums: OFPMP_FLOW, OFPMP_AGGREGATE, OFPMP_TABLE (OpenFlow 1.3.5, §7.3.5.2 to 4). */
import { type Infer, list, ownLength, pad, struct, u8, u16, u32, u64 } from '../../wire/index.ts'
import { match } from '../fields/match.ts'
import { instructions } from '../instructions.ts'
import { flowModFlags } from '../messages/flows.ts'
import { reply, request } from '../messages/message.ts'
import { group, port, table } from '../numbers.ts'

const filter = struct({
  table_id: table,
  pad: pad(3),
  out_port: port,
  out_group: group,
  pad2: pad(4),
  cookie: u64,
  cookie_mask: u64,
  match,
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
  flags: flowModFlags,
  pad2: pad(4),
  cookie: u64,
  packet_count: u64,
  byte_count: u64,
  match,
  instructions,
})
export type FlowStats = Infer<typeof flowStats>

export const aggregate = struct({ packet_count: u64, byte_count: u64, flow_count: u32, pad: pad(4) })

const tableStats = struct({
  table_id: u8,
  pad: pad(3),
  active_count: u32,
  lookup_count: u64,
  matched_count: u64,
})

export const flowParts = [
  request('OFPMP_FLOW', 1, { body: filter }),
  reply('OFPMP_FLOW', 1, { body: list(flowStats) }),
  request('OFPMP_AGGREGATE', 2, { body: filter }),
  reply('OFPMP_AGGREGATE', 2, { body: aggregate }),
  request('OFPMP_TABLE', 3, {}),
  reply('OFPMP_TABLE', 3, { body: list(tableStats) }),
] as const
