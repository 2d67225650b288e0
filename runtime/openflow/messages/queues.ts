/** Queues (OpenFlow 1.3.5, §7.2.2, §7.3.6). */
import { list, literal, ownLength, pad, rest, struct, u16, u32, union } from '../../wire/index.ts'
import { port, queue } from '../numbers.ts'
import { message } from './message.ts'

const head = { len: ownLength, pad: pad(4) } as const

const queueProperty = union('queue property', [
  struct({ property: literal(u16, 1, 'OFPQT_MIN_RATE'), ...head, rate: u16, pad2: pad(6) }),
  struct({ property: literal(u16, 2, 'OFPQT_MAX_RATE'), ...head, rate: u16, pad2: pad(6) }),
  struct({
    property: literal(u16, 0xffff, 'OFPQT_EXPERIMENTER'),
    ...head,
    experimenter: u32,
    pad2: pad(4),
    data: rest,
  }),
  struct({ property: u16, ...head, data: rest }),
])

const packetQueue = struct({
  queue_id: queue,
  port,
  len: ownLength,
  pad: pad(6),
  properties: list(queueProperty),
})

export const queueMessages = [
  message('OFPT_QUEUE_GET_CONFIG_REQUEST', 22, { port, pad: pad(4) }),
  message('OFPT_QUEUE_GET_CONFIG_REPLY', 23, { port, pad: pad(4), queues: list(packetQueue) }),
] as const
