/** From a flow's steps to the codec's actions. */
import { type AnyConntrack, conntrackAction } from './conntrack.ts'
import type { Punt } from './declare.ts'
import { headerValue, isHeader, portValue } from './fields.ts'
import type { Action } from './flow.ts'
import { type AnyLearnedFlow, learnAction } from './learn.ts'
import { placeOf } from './place.ts'
import { numberOf, type Registers } from './registers.ts'

/** IEEE 802.1Q. */
const vlanType = 0x8100

/** A step of any table; the types of `declare.ts` say which of them a table allows. */
export type AnyStep =
  | { readonly set: string; readonly to: number | string }
  | { readonly move: string; readonly to: string; readonly bits?: number }
  | { readonly push: string }
  | { readonly pop: string }
  | { readonly resubmit: string }
  | { readonly learn: string; readonly flow: AnyLearnedFlow }
  | { readonly output: number | 'in_port' }
  | { readonly outputOf: string }
  | { readonly punt: Punt }
  | { readonly group: number }
  | { readonly conntrack: AnyConntrack }
  | { readonly pushVlan: true }
  | { readonly popVlan: true }
  | { readonly untrack: true }
  | { readonly decrementTtl: true }
  | { readonly forgetPort: true }
  | { readonly largerThan: number; readonly to: string }

/** Registers are loaded bit by bit (OpenFlow 1.3 has no masked set_field); packet fields are set as a whole. */
function setAction(registers: Registers, name: string, to: number | string): Action {
  const register = registers[name]
  if (register === undefined) {
    if (!isHeader(name)) throw new RangeError(`${name} cannot be ${to}`)
    return { type: 'OFPAT_SET_FIELD', field: { field: name, value: headerValue(name, to) } }
  }
  const { field, offset, bits } = placeOf(registers, name)
  return {
    type: 'NXAST_REG_LOAD',
    ofs_nbits: { offset, n_bits: bits },
    dst: field,
    value: BigInt(numberOf(name, register, to)),
  }
}

function moveAction(registers: Registers, from: string, to: string, some: number | undefined): Action {
  const source = placeOf(registers, from)
  const target = placeOf(registers, to)
  if (some === undefined && source.bits !== target.bits)
    throw new RangeError(`${from} and ${to} are not equally wide`)
  const bits = some ?? source.bits
  if (bits < 1 || bits > source.bits || bits > target.bits)
    throw new RangeError(`${from} to ${to}: ${bits} bits`)
  return {
    type: 'NXAST_REG_MOVE',
    n_bits: bits,
    src: source.field,
    src_ofs: source.offset,
    dst: target.field,
    dst_ofs: target.offset,
  }
}

function outputOfAction(registers: Registers, name: string): Action {
  const { field, offset, bits } = placeOf(registers, name)
  return { type: 'NXAST_OUTPUT_REG', ofs_nbits: { offset, n_bits: bits }, src: field, max_len: 0 }
}

const puntAction = ({ meterId, bytesMax }: Punt): Action => ({
  type: 'NXAST_CONTROLLER2',
  properties: [
    ...(bytesMax === undefined ? [] : [{ type: 'NXAC2PT_MAX_LEN', max_len: bytesMax }]),
    { type: 'NXAC2PT_METER_ID', meter_id: meterId },
  ],
})

const outputAction = (port: number | 'in_port'): Action => ({
  type: 'OFPAT_OUTPUT',
  port: port === 'in_port' ? 'OFPP_IN_PORT' : portValue(port),
  max_len: 0,
})

function stackAction(
  registers: Registers,
  type: 'NXAST_STACK_PUSH' | 'NXAST_STACK_POP',
  name: string,
): Action {
  const { field, offset, bits } = placeOf(registers, name)
  return { type, offset, field, n_bits: bits }
}

function largerThanAction(registers: Registers, pkt_len: number, to: string): Action {
  const { field, offset, bits } = placeOf(registers, to)
  if (bits !== 1) throw new RangeError(`${to} has ${bits} bits, not one`)
  return { type: 'NXAST_CHECK_PKT_LARGER', pkt_len, offset, dst: field }
}

/** No port has the number 0. */
const forgetPortAction: Action = {
  type: 'NXAST_REG_LOAD',
  ofs_nbits: { offset: 0, n_bits: 16 },
  dst: 'nxm_of_in_port',
  value: 0n,
}

/** Throws a RangeError for a value that does not fit its field. */
export function compileStep(
  registers: Registers,
  tableIds: Readonly<Record<string, number>>,
  step: AnyStep,
): Action {
  if ('decrementTtl' in step) return { type: 'OFPAT_DEC_NW_TTL' }
  if ('group' in step) return { type: 'OFPAT_GROUP', group_id: step.group }
  if ('untrack' in step) return { type: 'NXAST_CT_CLEAR' }
  if ('forgetPort' in step) return forgetPortAction
  if ('pushVlan' in step) return { type: 'OFPAT_PUSH_VLAN', ethertype: vlanType }
  if ('popVlan' in step) return { type: 'OFPAT_POP_VLAN' }
  if ('largerThan' in step) return largerThanAction(registers, step.largerThan, step.to)
  if ('push' in step) return stackAction(registers, 'NXAST_STACK_PUSH', step.push)
  if ('pop' in step) return stackAction(registers, 'NXAST_STACK_POP', step.pop)
  if ('set' in step) return setAction(registers, step.set, step.to)
  if ('move' in step) return moveAction(registers, step.move, step.to, step.bits)
  if ('output' in step) return outputAction(step.output)
  if ('outputOf' in step) return outputOfAction(registers, step.outputOf)
  if ('punt' in step) return puntAction(step.punt)
  if ('learn' in step) return learnAction(registers, tableOf(tableIds, step.learn), step.flow)
  if ('conntrack' in step) {
    const { next } = step.conntrack
    const table = next === undefined ? undefined : tableOf(tableIds, next)
    return conntrackAction(registers, step.conntrack, table)
  }
  return { type: 'NXAST_RESUBMIT_TABLE', in_port: 'OFPP_IN_PORT', table: tableOf(tableIds, step.resubmit) }
}

function tableOf(tableIds: Readonly<Record<string, number>>, name: string): number {
  const table = tableIds[name]
  if (table === undefined) throw new RangeError(`no table ${name}`)
  return table
}
