/** Words of bits that match fields share. */
import { flags, u8, u16, u32 } from '../../wire/index.ts'

export const tcpFlags = flags(u16, {
  fin: 1,
  syn: 2,
  rst: 4,
  psh: 8,
  ack: 16,
  urg: 32,
  ece: 64,
  cwr: 128,
  ns: 256,
})

export const connectionState = flags(u32, {
  new: 1,
  est: 2,
  rel: 4,
  rpl: 8,
  inv: 16,
  trk: 32,
  snat: 64,
  dnat: 128,
})

export const fragment = flags(u8, { any: 1, later: 2 })
export const tunnelFlags = flags(u16, { oam: 1 })
