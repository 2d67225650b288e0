/** IPFIX counters (nicira-ext.h). */
import { list, pad, struct, u32, u64 } from '../../wire/index.ts'
import { experimenterReply, experimenterRequest } from '../messages/message.ts'
import { experimenters } from '../numbers.ts'

const counters = struct({
  total_flows: u64,
  current_flows: u64,
  pkts: u64,
  ipv4_pkts: u64,
  ipv6_pkts: u64,
  error_pkts: u64,
  ipv4_error_pkts: u64,
  ipv6_error_pkts: u64,
  tx_pkts: u64,
  tx_errors: u64,
  collector_set_id: u32,
  pad: pad(4),
})

export const ipfix = [
  experimenterRequest(experimenters.nicira, 'NXST_IPFIX_BRIDGE', 3, {}),
  experimenterReply(experimenters.nicira, 'NXST_IPFIX_BRIDGE', 3, { body: counters }),
  experimenterRequest(experimenters.nicira, 'NXST_IPFIX_FLOW', 4, {}),
  experimenterReply(experimenters.nicira, 'NXST_IPFIX_FLOW', 4, { body: list(counters) }),
] as const
