/** Why a switch says something (OpenFlow 1.3.5, §7.4). */
import { names, u8 } from '../wire/index.ts'

/** Numbers up to 2 are of OpenFlow 1.3, the others of 1.4, which Open vSwitch sends in Nicira's messages. */
const packetInReasons = {
  OFPR_NO_MATCH: 0,
  OFPR_ACTION: 1,
  OFPR_INVALID_TTL: 2,
  OFPR_ACTION_SET: 3,
  OFPR_GROUP: 4,
  OFPR_PACKET_OUT: 5,
} as const
export const packetInReason = names(u8, packetInReasons)

export const flowRemovedReasons = {
  OFPRR_IDLE_TIMEOUT: 0,
  OFPRR_HARD_TIMEOUT: 1,
  OFPRR_DELETE: 2,
  OFPRR_GROUP_DELETE: 3,
  OFPRR_METER_DELETE: 4,
  OFPRR_EVICTION: 5,
} as const
export const flowRemovedReason = names(u8, flowRemovedReasons)

const portReasons = { OFPPR_ADD: 0, OFPPR_DELETE: 1, OFPPR_MODIFY: 2 } as const
export const portReason = names(u8, portReasons)
