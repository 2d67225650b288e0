/** A meter that a unit wants. */
import type { Meter, Unit } from '../flow.ts'
import { encodeOnce } from './encode.ts'
import { meterMod, u16 } from './layout.ts'
import type { Piece } from './piece.ts'
import { writer } from './writer.ts'

const meterBandLength = 16
/** OFPMF_BURST: without it the burst of a band says nothing. */
const burstFlag = 4

/** Flags and bands: everything but the number. */
export function meterBody(bytes: Uint8Array, flags: number, bands: number, end: number): string {
  const kept = u16(bytes, flags)
  const out = writer.reset().u16(kept)
  for (let at = bands; at + meterBandLength <= end; at += Math.max(meterBandLength, u16(bytes, at + 2))) {
    out.u16(u16(bytes, at)).copy(bytes, at + 4, at + 8)
    if (kept & burstFlag) out.copy(bytes, at + 8, at + 12)
    out.copy(bytes, at + 12, at + 16)
  }
  return out.toString()
}

export class MeterPiece implements Piece {
  readonly key: string
  readonly body: string
  /** The meter_mod that adds it (OFPMC_ADD, xid 0). */
  readonly bytes: Uint8Array

  readonly unit: Unit
  readonly meter: Meter

  /** Throws where the meter cannot be encoded. */
  constructor(unit: Unit, meter: Meter) {
    this.unit = unit
    this.meter = meter
    const { meter_id, flags, bands } = meter
    this.bytes = encodeOnce({
      version: 4,
      type: 'OFPT_METER_MOD',
      xid: 0,
      command: 'OFPMC_ADD',
      flags,
      meter_id,
      bands,
    })
    this.key = String(meter_id)
    this.body = meterBody(this.bytes, meterMod.flags, meterMod.bands, this.bytes.length)
  }

  /** For people. */
  get text(): string {
    const { meter_id, flags, bands } = this.meter
    return `meter ${meter_id} ${flags.join('|')} ${bands.map(({ rate, burst_size }) => `rate=${rate},burst=${burst_size}`).join(' ')}`
  }
}
