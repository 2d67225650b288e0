/** Features, configuration and barriers (OpenFlow 1.3.5, §7.3.1, §7.3.2, §7.3.8). */
import { flags, names, pad, u8, u16, u32, u64 } from '../../wire/index.ts'
import { maxLen, table } from '../numbers.ts'
import { message } from './message.ts'

const capabilities = flags(u32, {
  OFPC_FLOW_STATS: 1,
  OFPC_TABLE_STATS: 2,
  OFPC_PORT_STATS: 4,
  OFPC_GROUP_STATS: 8,
  OFPC_IP_REASM: 32,
  OFPC_QUEUE_STATS: 64,
  OFPC_PORT_BLOCKED: 256,
  OFPC_BUNDLES: 512,
  OFPC_FLOW_MONITORING: 1024,
})

/**
 * Two bits of choice, so numbers above are flags: OFPC_INVALID_TTL_TO_CONTROLLER (4) is of OpenFlow 1.1. The value of
 * all of them (OFPC_FRAG_MASK) is Open vSwitch's own choice: first fragments are matched by their ports (ovs-ofctl(8)).
 */
const configFlags = names(u16, {
  OFPC_FRAG_NORMAL: 0,
  OFPC_FRAG_DROP: 1,
  OFPC_FRAG_REASM: 2,
  OFPC_FRAG_NX_MATCH: 3,
})
const config = { flags: configFlags, miss_send_len: maxLen } as const

export const switchMessages = [
  message('OFPT_FEATURES_REQUEST', 5, {}),
  message('OFPT_FEATURES_REPLY', 6, {
    datapath_id: u64,
    n_buffers: u32,
    n_tables: u8,
    auxiliary_id: u8,
    pad: pad(2),
    capabilities,
    reserved: u32,
  }),
  message('OFPT_GET_CONFIG_REQUEST', 7, {}),
  message('OFPT_GET_CONFIG_REPLY', 8, config),
  message('OFPT_SET_CONFIG', 9, config),
  message('OFPT_TABLE_MOD', 17, {
    table_id: table,
    pad: pad(3),
    config: flags(u32, { OFPTC_EVICTION: 4, OFPTC_VACANCY_EVENTS: 8 }),
  }),
  message('OFPT_BARRIER_REQUEST', 20, {}),
  message('OFPT_BARRIER_REPLY', 21, {}),
] as const
