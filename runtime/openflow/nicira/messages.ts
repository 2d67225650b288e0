/** Messages of Nicira's that Open vSwitch speaks over OpenFlow 1.3 (nicira-ext.h). */
import { list, names, pad, struct, u8, u16, u32 } from '../../wire/index.ts'
import { nicira } from '../messages/message.ts'
import { asyncConfig } from '../messages/roles.ts'
import { asyncProperties } from './async-properties.ts'

const niciraRole = { role: names(u32, { NX_ROLE_OTHER: 0, NX_ROLE_MASTER: 1, NX_ROLE_SLAVE: 2 }) } as const

const tlvMap = struct({ option_class: u16, option_type: u8, option_len: u8, index: u16, pad: pad(2) })

export const niciraMessages = [
  nicira('NXT_ROLE_REQUEST', 10, niciraRole),
  nicira('NXT_ROLE_REPLY', 11, niciraRole),
  nicira('NXT_SET_FLOW_FORMAT', 12, { format: names(u32, { NXFF_OPENFLOW10: 0, NXFF_NXM: 2 }) }),
  nicira('NXT_FLOW_MOD_TABLE_ID', 15, { set: u8, pad: pad(7) }),
  nicira('NXT_SET_PACKET_IN_FORMAT', 16, {
    format: names(u32, { NXPIF_STANDARD: 0, NXPIF_NXT_PACKET_IN: 1, NXPIF_NXT_PACKET_IN2: 2 }),
  }),
  nicira('NXT_FLOW_AGE', 18, {}),
  nicira('NXT_SET_ASYNC_CONFIG', 19, asyncConfig),
  nicira('NXT_SET_ASYNC_CONFIG2', 27, { properties: asyncProperties }),
  nicira('NXT_SET_CONTROLLER_ID', 20, { pad: pad(6), controller_id: u16 }),
  nicira('NXT_TLV_TABLE_MOD', 24, {
    command: names(u16, { NXTTMC_ADD: 0, NXTTMC_DELETE: 1, NXTTMC_CLEAR: 2 }),
    pad: pad(6),
    maps: list(tlvMap),
  }),
  nicira('NXT_TLV_TABLE_REQUEST', 25, {}),
  nicira('NXT_TLV_TABLE_REPLY', 26, {
    max_option_space: u32,
    max_fields: u16,
    pad: pad(10),
    maps: list(tlvMap),
  }),
] as const
