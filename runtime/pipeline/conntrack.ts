/** The action that sends a packet through connection tracking (ovs-actions(7), `ct`). */
import type { Action } from './flow.ts'
import { placeOf } from './place.ts'
import type { Registers } from './registers.ts'

/** See `Conntrack` in `declare.ts`, whose types say what a pipeline allows. */
export interface AnyConntrack {
  readonly zone: number | string
  readonly commit?: true
  readonly mark?: number
  readonly next?: string
}

const zoneBits = 16
const zoneMax = 2 ** zoneBits - 1

/** Throws a RangeError for what is no zone, nor holds one. */
function zoneOf(registers: Registers, zone: number | string) {
  if (typeof zone === 'number') {
    if (!Number.isInteger(zone) || zone < 1 || zone > zoneMax) throw new RangeError(`zone ${zone}`)
    return zone
  }
  const { field, offset, bits } = placeOf(registers, zone)
  if (bits !== zoneBits) throw new RangeError(`${zone} has ${bits} bits, not ${zoneBits}`)
  return { src: field, offset, n_bits: bits }
}

const markAction = (value: number): Action => ({
  type: 'OFPAT_SET_FIELD',
  field: { field: 'ct_mark', value },
})

/** `table` is where the packet goes on; undefined: nowhere but with the steps that follow. */
export const conntrackAction = (
  registers: Registers,
  { zone, commit, mark }: AnyConntrack,
  table: number | undefined,
): Action => ({
  type: 'NXAST_CT',
  flags: commit ? ['NX_CT_F_COMMIT'] : [],
  zone: zoneOf(registers, zone),
  recirc_table: table ?? 'NX_CT_RECIRC_NONE',
  alg: 0,
  actions: mark === undefined ? [] : [markAction(mark)],
})
