/** Meters (OpenFlow 1.3.5, §7.3.4.4). */
import {
  flags,
  type Infer,
  list,
  literal,
  names,
  ownLength,
  pad,
  rest,
  struct,
  u8,
  u16,
  u32,
  union,
} from '../../wire/index.ts'
import { meter } from '../numbers.ts'
import { message } from './message.ts'

export const meterFlags = { OFPMF_KBPS: 1, OFPMF_PKTPS: 2, OFPMF_BURST: 4, OFPMF_STATS: 8 } as const

export const band = union('meter band', [
  struct({ type: literal(u16, 1, 'OFPMBT_DROP'), len: ownLength, rate: u32, burst_size: u32, pad: pad(4) }),
  struct({
    type: literal(u16, 2, 'OFPMBT_DSCP_REMARK'),
    len: ownLength,
    rate: u32,
    burst_size: u32,
    prec_level: u8,
    pad: pad(3),
  }),
  struct({
    type: literal(u16, 0xffff, 'OFPMBT_EXPERIMENTER'),
    len: ownLength,
    rate: u32,
    burst_size: u32,
    experimenter: u32,
    data: rest,
  }),
  struct({ type: u16, len: ownLength, rate: u32, burst_size: u32, data: rest }),
])
export type MeterBand = Infer<typeof band>

export const meterMessages = [
  message('OFPT_METER_MOD', 29, {
    command: names(u16, { OFPMC_ADD: 0, OFPMC_MODIFY: 1, OFPMC_DELETE: 2 }),
    flags: flags(u16, meterFlags),
    meter_id: meter,
    bands: list(band),
  }),
] as const
