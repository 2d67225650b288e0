/** Counters of ports and queues: OFPMP_PORT_STATS, OFPMP_QUEUE (OpenFlow 1.3.5, §7.3.5.6, §7.3.5.7). */
import { list, pad, struct, u32, u64 } from '../../wire/index.ts'
import { reply, request } from '../messages/message.ts'
import { port, queue } from '../numbers.ts'

const portStats = struct({
  port_no: port,
  pad: pad(4),
  rx_packets: u64,
  tx_packets: u64,
  rx_bytes: u64,
  tx_bytes: u64,
  rx_dropped: u64,
  tx_dropped: u64,
  rx_errors: u64,
  tx_errors: u64,
  rx_frame_err: u64,
  rx_over_err: u64,
  rx_crc_err: u64,
  collisions: u64,
  duration_sec: u32,
  duration_nsec: u32,
})

const queueStats = struct({
  port_no: port,
  queue_id: queue,
  tx_bytes: u64,
  tx_packets: u64,
  tx_errors: u64,
  duration_sec: u32,
  duration_nsec: u32,
})

export const counters = [
  request('OFPMP_PORT_STATS', 4, { body: struct({ port_no: port, pad: pad(4) }) }),
  reply('OFPMP_PORT_STATS', 4, { body: list(portStats) }),
  request('OFPMP_QUEUE', 5, { body: struct({ port_no: port, queue_id: queue }) }),
  reply('OFPMP_QUEUE', 5, { body: list(queueStats) }),
] as const
