/** The action that sends a packet through connection tracking (ovs-actions(7), `ct`). */
import { formatIpv4 } from '../packet/address.ts'
import type { Action } from './flow.ts'
import { placeOf } from './place.ts'
import type { Registers } from './registers.ts'

/** See `Conntrack` in `declare.ts`, whose types say what a pipeline allows. */
export interface AnyConntrack {
  readonly zone: number | string
  readonly commit?: true
  readonly mark?: number | string
  readonly label?: number
  readonly nat?: Nat | 'known'
  readonly next?: string
}

/** Another source or destination, for every packet of the connection; what is answered gets the first one back. */
export interface Nat {
  readonly end: 'source' | 'destination'
  /** IPv4; one of them where there is an end. */
  readonly address: number
  readonly lastAddress?: number
  readonly port?: number
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

/** A number, or what a register holds. */
function markAction(registers: Registers, mark: number | string): Action {
  if (typeof mark === 'number') return { type: 'OFPAT_SET_FIELD', field: { field: 'ct_mark', value: mark } }
  const { field, offset, bits } = placeOf(registers, mark)
  return { type: 'NXAST_REG_MOVE', n_bits: bits, src: field, src_ofs: offset, dst: 'ct_mark', dst_ofs: 0 }
}

const labelAction = (label: number): Action => ({
  type: 'OFPAT_SET_FIELD',
  field: { field: 'ct_label', value: BigInt(label) },
})

/** Known connections only, or this one from now on. */
function natAction(nat: Nat | 'known'): Action {
  if (nat === 'known') return { type: 'NXAST_NAT', flags: [] }
  const { end, address, lastAddress, port } = nat
  return {
    type: 'NXAST_NAT',
    flags: [end === 'source' ? 'NX_NAT_F_SRC' : 'NX_NAT_F_DST'],
    ipv4_min: formatIpv4(address),
    ...(lastAddress !== undefined && { ipv4_max: formatIpv4(lastAddress) }),
    ...(port !== undefined && { proto_min: port }),
  }
}

/** `table` is where the packet goes on; undefined: nowhere but with the steps that follow. */
export const conntrackAction = (
  registers: Registers,
  { zone, commit, mark, label, nat }: AnyConntrack,
  table: number | undefined,
): Action => ({
  type: 'NXAST_CT',
  flags: commit ? ['NX_CT_F_COMMIT'] : [],
  zone: zoneOf(registers, zone),
  recirc_table: table ?? 'NX_CT_RECIRC_NONE',
  alg: 0,
  actions: [
    ...(nat === undefined ? [] : [natAction(nat)]),
    ...(mark === undefined ? [] : [markAction(registers, mark)]),
    ...(label === undefined ? [] : [labelAction(label)]),
  ],
})
