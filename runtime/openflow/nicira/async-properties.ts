/** Asynchronous configuration by properties, as OpenFlow 1.4 has it (OpenFlow 1.4.1, §7.3.10). */
import { flags, list, rest, u32, union } from '../../wire/index.ts'
import { flowRemovedMask, packetInMask, portStatusMask } from '../messages/roles.ts'
import { property, unknownProperty } from '../property.ts'

const roleStatusMask = flags(u32, { OFPCRR_MASTER_REQUEST: 1, OFPCRR_CONFIG: 2, OFPCRR_EXPERIMENTER: 4 })
const tableStatusMask = flags(u32, { OFPTR_VACANCY_DOWN: 8, OFPTR_VACANCY_UP: 16 })
const requestForwardMask = flags(u32, { OFPRFR_GROUP_MOD: 1, OFPRFR_METER_MOD: 2 })

const asyncProperty = union('asynchronous configuration property', [
  property('OFPACPT_PACKET_IN_SLAVE', 0, { mask: packetInMask }),
  property('OFPACPT_PACKET_IN_MASTER', 1, { mask: packetInMask }),
  property('OFPACPT_PORT_STATUS_SLAVE', 2, { mask: portStatusMask }),
  property('OFPACPT_PORT_STATUS_MASTER', 3, { mask: portStatusMask }),
  property('OFPACPT_FLOW_REMOVED_SLAVE', 4, { mask: flowRemovedMask }),
  property('OFPACPT_FLOW_REMOVED_MASTER', 5, { mask: flowRemovedMask }),
  property('OFPACPT_ROLE_STATUS_SLAVE', 6, { mask: roleStatusMask }),
  property('OFPACPT_ROLE_STATUS_MASTER', 7, { mask: roleStatusMask }),
  property('OFPACPT_TABLE_STATUS_SLAVE', 8, { mask: tableStatusMask }),
  property('OFPACPT_TABLE_STATUS_MASTER', 9, { mask: tableStatusMask }),
  property('OFPACPT_REQUESTFORWARD_SLAVE', 10, { mask: requestForwardMask }),
  property('OFPACPT_REQUESTFORWARD_MASTER', 11, { mask: requestForwardMask }),
  property('OFPACPT_EXPERIMENTER_SLAVE', 0xfffe, { experimenter: u32, exp_type: u32, data: rest }),
  property('OFPACPT_EXPERIMENTER_MASTER', 0xffff, { experimenter: u32, exp_type: u32, data: rest }),
  unknownProperty,
])
export const asyncProperties = list(asyncProperty)
