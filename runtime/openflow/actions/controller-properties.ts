/** What NXAST_CONTROLLER2 may say about the packet-in that it makes (ovs-actions(7), "controller"). */
import { align, rest, u16, u32, union } from '../../wire/index.ts'
import { property, unknownProperty } from '../property.ts'
import { packetInReason } from '../reasons.ts'

export const controllerProperty = union('controller property', [
  property('NXAC2PT_MAX_LEN', 0, { max_len: u16, pad: align(4) }),
  property('NXAC2PT_CONTROLLER_ID', 1, { controller_id: u16, pad: align(4) }),
  property('NXAC2PT_REASON', 2, { reason: packetInReason }),
  property('NXAC2PT_USERDATA', 3, { userdata: rest }),
  property('NXAC2PT_PAUSE', 4, {}),
  property('NXAC2PT_METER_ID', 5, { meter_id: u32 }),
  unknownProperty,
])
