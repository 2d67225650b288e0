/** What a switch is: OFPMP_DESC, OFPMP_PORT_DESC (OpenFlow 1.3.5, §7.3.5.1, §7.3.5.8). */
import { list, struct, text } from '../../wire/index.ts'
import { reply, request } from '../messages/message.ts'
import { portDescription } from '../messages/ports.ts'

const description_bytes = 256
const serial_bytes = 32

const description = struct({
  mfr_desc: text(description_bytes),
  hw_desc: text(description_bytes),
  sw_desc: text(description_bytes),
  serial_num: text(serial_bytes),
  dp_desc: text(description_bytes),
})

export const descriptions = [
  request('OFPMP_DESC', 0, {}),
  reply('OFPMP_DESC', 0, { body: description }),
  request('OFPMP_PORT_DESC', 13, {}),
  reply('OFPMP_PORT_DESC', 13, { body: list(portDescription) }),
] as const
