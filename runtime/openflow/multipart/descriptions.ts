/** What a switch is: OFPMP_DESC, OFPMP_PORT_DESC (OpenFlow 1.3.5, §7.3.5.1, §7.3.5.8). */
import { list, struct, text } from '../../wire/index.ts'
import { reply, request } from '../messages/message.ts'
import { portDescription } from '../messages/ports.ts'

const descriptionBytes = 256
const serialBytes = 32

const description = struct({
  mfr_desc: text(descriptionBytes),
  hw_desc: text(descriptionBytes),
  sw_desc: text(descriptionBytes),
  serial_num: text(serialBytes),
  dp_desc: text(descriptionBytes),
})

export const descriptions = [
  request('OFPMP_DESC', 0, {}),
  reply('OFPMP_DESC', 0, { body: description }),
  request('OFPMP_PORT_DESC', 13, {}),
  reply('OFPMP_PORT_DESC', 13, { body: list(portDescription) }),
] as const
