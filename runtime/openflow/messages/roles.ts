/** Controller roles and what a switch sends to which of them (OpenFlow 1.3.5, §7.3.9, §7.3.10). */
import { flags, names, pad, u32, u64 } from '../../wire/index.ts'
import { message } from './message.ts'

export const role = names(u32, {
  OFPCR_ROLE_NOCHANGE: 0,
  OFPCR_ROLE_EQUAL: 1,
  OFPCR_ROLE_MASTER: 2,
  OFPCR_ROLE_SLAVE: 3,
})
const roleBody = { role, pad: pad(4), generation_id: u64 } as const

export const packetInMask = flags(u32, {
  OFPR_NO_MATCH: 1,
  OFPR_ACTION: 2,
  OFPR_INVALID_TTL: 4,
  OFPR_ACTION_SET: 8,
  OFPR_GROUP: 16,
  OFPR_PACKET_OUT: 32,
})
export const portStatusMask = flags(u32, { OFPPR_ADD: 1, OFPPR_DELETE: 2, OFPPR_MODIFY: 4 })
export const flowRemovedMask = flags(u32, {
  OFPRR_IDLE_TIMEOUT: 1,
  OFPRR_HARD_TIMEOUT: 2,
  OFPRR_DELETE: 4,
  OFPRR_GROUP_DELETE: 8,
  OFPRR_METER_DELETE: 16,
  OFPRR_EVICTION: 32,
})

/** The specification's arrays of two: [0] is for master and equal, [1] for slave. */
export const asyncConfig = {
  packet_in_mask_master: packetInMask,
  packet_in_mask_slave: packetInMask,
  port_status_mask_master: portStatusMask,
  port_status_mask_slave: portStatusMask,
  flow_removed_mask_master: flowRemovedMask,
  flow_removed_mask_slave: flowRemovedMask,
} as const

export const roleMessages = [
  message('OFPT_ROLE_REQUEST', 24, roleBody),
  message('OFPT_ROLE_REPLY', 25, roleBody),
  message('OFPT_GET_ASYNC_REQUEST', 26, {}),
  message('OFPT_GET_ASYNC_REPLY', 27, asyncConfig),
  message('OFPT_SET_ASYNC', 28, asyncConfig),
] as const
