/** The action by which a switch makes flows by itself (ovs-actions(7), "learn", with a limit: NXAST_LEARN2). */
import type { Action } from './flow.ts'
import { placeOf } from './place.ts'
import { numberOf, type Registers } from './registers.ts'

/** See `LearnedFlow` in `declare.ts`, whose types say what a pipeline allows. */
export interface AnyLearnedFlow {
  readonly cookie: bigint
  readonly priority: number
  readonly hardSeconds: number
  readonly idleSeconds: number
  readonly limit: number
  readonly match: readonly { readonly field: string; readonly from: string }[]
  readonly set: readonly { readonly field: string; readonly to: number | string }[]
  readonly ethernetType?: number
  readonly copy?: readonly { readonly field: string; readonly from: string }[]
  readonly result: string
}

const secondsMax = 0xffff
/** Learned flows name packet fields as Open vSwitch answers them. */
const nxmNames: Readonly<Record<string, string>> = {
  eth_src: 'nxm_of_eth_src',
  eth_dst: 'nxm_of_eth_dst',
  arp_spa: 'nxm_of_arp_spa',
  arp_sha: 'nxm_nx_arp_sha',
  ipv6_dst: 'nxm_nx_ipv6_dst',
  ipv6_nd_target: 'nxm_nx_nd_target',
  ipv6_nd_tll: 'nxm_nx_nd_tll',
}

/** Part of a specification: a field and where in it. */
function partOf(registers: Registers, name: string) {
  const { field, offset, bits } = placeOf(registers, name)
  const known = registers[name] === undefined ? nxmNames[field] : field
  if (known === undefined) throw new RangeError(`nothing is learned from ${name}`)
  return { bits, part: { field: known, offset } }
}

/** Big-endian, padded in front to whole pairs of bytes. */
function immediate(value: number, bits: number): Uint8Array {
  const bytes = new Uint8Array(2 * Math.ceil(bits / 16))
  for (let at = bytes.length - 1, rest = value; at >= 0; at--, rest = Math.floor(rest / 256))
    bytes[at] = rest % 256
  return bytes
}

function fieldSpec(
  registers: Registers,
  { field, from }: AnyLearnedFlow['match'][number],
  to: 'match' | 'load',
) {
  const source = partOf(registers, from)
  const target = partOf(registers, field)
  if (source.bits !== target.bits) throw new RangeError(`${from} and ${field} are not equally wide`)
  return { n_bits: target.bits, src: source.part, to, dst: target.part }
}

const typeSpec = (type: number) => ({
  ...{ n_bits: 16, value: immediate(type, 16), to: 'match' },
  dst: { field: 'nxm_of_eth_type', offset: 0 },
})

function setSpec(registers: Registers, { field, to }: AnyLearnedFlow['set'][number]) {
  const register = registers[field]
  if (register === undefined) throw new RangeError(`learned flows set registers, not ${field}`)
  const { bits, part } = partOf(registers, field)
  return { n_bits: bits, value: immediate(numberOf(field, register, to), bits), to: 'load', dst: part }
}

/** Throws a RangeError for a value that does not fit its field. */
export function learnAction(registers: Registers, table_id: number, flow: AnyLearnedFlow): Action {
  const { cookie, priority, hardSeconds, idleSeconds, limit } = flow
  for (const seconds of [hardSeconds, idleSeconds])
    if (!(seconds >= 1 && seconds <= secondsMax))
      throw new RangeError(`${seconds} s is not 1 to ${secondsMax}`)
  // 0 would be no limit.
  if (limit < 1) throw new RangeError(`a limit of ${limit} is less than 1`)
  const result = placeOf(registers, flow.result)
  if (result.bits !== 1) throw new RangeError(`${flow.result} has ${result.bits} bits, not one`)
  return {
    type: 'NXAST_LEARN2',
    idle_timeout: idleSeconds,
    hard_timeout: hardSeconds,
    priority,
    cookie,
    flags: ['NX_LEARN_F_DELETE_LEARNED', 'NX_LEARN_F_WRITE_RESULT'],
    table_id,
    fin_idle_timeout: 0,
    fin_hard_timeout: 0,
    limit,
    result_dst_ofs: result.offset,
    result_dst: result.field,
    specs: [
      ...(flow.ethernetType === undefined ? [] : [typeSpec(flow.ethernetType)]),
      ...flow.match.map((part) => fieldSpec(registers, part, 'match')),
      ...(flow.copy ?? []).map((part) => fieldSpec(registers, part, 'load')),
      ...flow.set.map((part) => setSpec(registers, part)),
    ],
  }
}
