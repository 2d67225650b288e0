/** Ports (OpenFlow 1.3.5, §7.2.1, §7.3.4.3, §7.4.3). */
import { flags, type Infer, mac, pad, struct, text, u32 } from '../../wire/index.ts'
import { port } from '../numbers.ts'
import { portReason } from '../reasons.ts'
import { message } from './message.ts'

const portConfig = flags(u32, {
  OFPPC_PORT_DOWN: 1,
  OFPPC_NO_RECV: 4,
  OFPPC_NO_FWD: 32,
  OFPPC_NO_PACKET_IN: 64,
})
const portState = flags(u32, { OFPPS_LINK_DOWN: 1, OFPPS_BLOCKED: 2, OFPPS_LIVE: 4 })
const portFeatures = flags(u32, {
  OFPPF_10MB_HD: 1,
  OFPPF_10MB_FD: 2,
  OFPPF_100MB_HD: 4,
  OFPPF_100MB_FD: 8,
  OFPPF_1GB_HD: 16,
  OFPPF_1GB_FD: 32,
  OFPPF_10GB_FD: 64,
  OFPPF_40GB_FD: 128,
  OFPPF_100GB_FD: 256,
  OFPPF_1TB_FD: 512,
  OFPPF_OTHER: 1024,
  OFPPF_COPPER: 2048,
  OFPPF_FIBER: 4096,
  OFPPF_AUTONEG: 8192,
  OFPPF_PAUSE: 16384,
  OFPPF_PAUSE_ASYM: 32768,
})

const nameBytes = 16

export const portDescription = struct({
  port_no: port,
  pad: pad(4),
  hw_addr: mac,
  pad2: pad(2),
  name: text(nameBytes),
  config: portConfig,
  state: portState,
  curr: portFeatures,
  advertised: portFeatures,
  supported: portFeatures,
  peer: portFeatures,
  curr_speed: u32,
  max_speed: u32,
})
export type Port = Infer<typeof portDescription>

export const portMessages = [
  message('OFPT_PORT_STATUS', 12, { reason: portReason, pad: pad(7), desc: portDescription }),
  message('OFPT_PORT_MOD', 16, {
    port_no: port,
    pad: pad(4),
    hw_addr: mac,
    pad2: pad(2),
    config: portConfig,
    mask: portConfig,
    advertise: portFeatures,
    pad3: pad(4),
  }),
] as const
