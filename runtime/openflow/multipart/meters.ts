/** OFPMP_METER, OFPMP_METER_CONFIG, OFPMP_METER_FEATURES (OpenFlow 1.3.5, §7.3.5.12 to 14). */
import { flags, list, ownLength, pad, struct, u8, u16, u32, u64 } from '../../wire/index.ts'
import { reply, request } from '../messages/message.ts'
import { band, meterFlags } from '../messages/meters.ts'
import { meter } from '../numbers.ts'

const which = struct({ meter_id: meter, pad: pad(4) })

const meterStats = struct({
  meter_id: meter,
  len: ownLength,
  pad: pad(6),
  flow_count: u32,
  packet_in_count: u64,
  byte_in_count: u64,
  duration_sec: u32,
  duration_nsec: u32,
  band_stats: list(struct({ packet_band_count: u64, byte_band_count: u64 })),
})

const meterConfig = struct({
  length: ownLength,
  flags: flags(u16, meterFlags),
  meter_id: meter,
  bands: list(band),
})

const meterFeatures = struct({
  max_meter: u32,
  /** Bit n is the band of type n. */
  band_types: flags(u32, { OFPMBT_DROP: 2, OFPMBT_DSCP_REMARK: 4 }),
  capabilities: flags(u32, meterFlags),
  max_bands: u8,
  max_color: u8,
  pad: pad(2),
})

export const meterParts = [
  request('OFPMP_METER', 9, { body: which }),
  reply('OFPMP_METER', 9, { body: list(meterStats) }),
  request('OFPMP_METER_CONFIG', 10, { body: which }),
  reply('OFPMP_METER_CONFIG', 10, { body: list(meterConfig) }),
  request('OFPMP_METER_FEATURES', 11, {}),
  reply('OFPMP_METER_FEATURES', 11, { body: meterFeatures }),
] as const
