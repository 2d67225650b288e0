/** A declared pipeline: flows by the names of tables and fields. */
import {
  type CheckedTables,
  checkTables,
  type FlowOf,
  type StepOf,
  type Table,
  type Tables,
} from './declare.ts'
import type { Action, Flow, Instruction } from './flow.ts'
import { type AnyMatch, compileMatch, planFields } from './match.ts'
import { declareRegisters, type HasRegisters, type Registers, readField, registerCount } from './registers.ts'
import { type AnyStep, compileStep } from './steps.ts'

const priorityMax = 0xffff

export interface Pipeline<R extends Registers, T extends { readonly [N in keyof T]: Table }> {
  readonly registers: R
  readonly tables: T
  /** One flow of a table. Throws a RangeError for a value that does not fit its field: a programmer's error. */
  flow<N extends keyof T & string>(table: N, flow: FlowOf<R, T[N]>): Flow
  /** What a packet-out does before it goes on at a table: steps as in flows of `table`. */
  actions<N extends keyof T & string>(table: N, steps: readonly StepOf<R, T[N]>[]): Action[]
  /** A flow for each table that sends on what no flow matches. Tables that drop need none (OpenFlow 1.3, 5.4). */
  missFlows(cookie: bigint): Flow[]
  /** What a packet that was punted holds in a register field, as a number. */
  read(packet: HasRegisters, field: keyof R & string): number
  /** The actions by which a packet that was punted goes on at a table, with its registers; `changes` come on top of those. */
  resume(
    packet: HasRegisters,
    table: keyof T & string,
    changes?: { readonly [F in keyof R]?: number },
  ): Action[]
}

interface AnyFlow {
  readonly cookie: bigint
  readonly priority: number
  readonly match: AnyMatch
  readonly drop?: true
  readonly meterId?: number
  readonly steps?: readonly AnyStep[]
  readonly goto?: string
  readonly claimsZone?: number
}

function instructionsOf(
  registers: Registers,
  tableIds: Readonly<Record<string, number>>,
  flow: AnyFlow,
): Instruction[] {
  const instructions: Instruction[] = []
  if (flow.meterId !== undefined) instructions.push({ type: 'OFPIT_METER', meter_id: flow.meterId })
  if (flow.steps !== undefined && flow.steps.length > 0)
    instructions.push({
      type: 'OFPIT_APPLY_ACTIONS',
      actions: flow.steps.map((step) => compileStep(registers, tableIds, step)),
    })
  if (flow.goto !== undefined) instructions.push({ type: 'OFPIT_GOTO_TABLE', table_id: tableIds[flow.goto]! })
  return instructions
}

/** Loads what a packet has in its registers; those of a new packet are 0. */
const registersOf = (packet: HasRegisters): Action[] =>
  Array.from({ length: registerCount }, (_, number) => ({ number, value: packet.register(number) }))
    .filter(({ value }) => value !== 0)
    .map(({ number, value }) => ({
      type: 'NXAST_REG_LOAD',
      ofs_nbits: { offset: 0, n_bits: 32 },
      dst: `reg${number}`,
      value: BigInt(value),
    }))

/** Declares registers and tables. Throws a RangeError that names what is wrong with them. */
export function declarePipeline<const R extends Registers, const T extends CheckedTables<R, T>>(
  registers: R,
  tables: T,
): Pipeline<R, T> {
  declareRegisters(registers)
  checkTables(registers, tables as unknown as Tables)
  const specifications = tables as unknown as Tables
  const ids = Object.fromEntries(Object.entries(specifications).map(([name, { id }]) => [name, id]))
  const fields = planFields(registers)
  const build = (table: string, flow: AnyFlow): Flow => {
    if (flow.cookie === 0n) throw new RangeError(`${table}: a cookie of 0 says nothing`)
    if (!(flow.priority >= 0 && flow.priority <= priorityMax))
      throw new RangeError(`${table}: priority ${flow.priority}`)
    return {
      table: ids[table]!,
      priority: flow.priority,
      cookie: flow.cookie,
      match: compileMatch(fields, flow.match),
      instructions: instructionsOf(registers, ids, flow),
      ...(flow.claimsZone === undefined ? {} : { claimsZone: flow.claimsZone }),
    }
  }
  return {
    registers,
    tables,
    flow: (table, flow) => build(table, flow as unknown as AnyFlow),
    actions: (_table, steps) =>
      (steps as readonly AnyStep[]).map((step) => compileStep(registers, ids, step)),
    missFlows: (cookie) =>
      Object.entries(specifications).flatMap(([name, { miss }]) =>
        miss === 'drop' ? [] : [build(name, { cookie, priority: 0, match: {}, goto: miss })],
      ),
    read: (packet, field) => readField(registers[field]!, packet),
    resume: (packet, table, changes = {}) => [
      ...registersOf(packet),
      ...Object.entries<number>(changes as Readonly<Record<string, number>>).map(([set, to]) =>
        compileStep(registers, ids, { set, to }),
      ),
      compileStep(registers, ids, { resubmit: table }),
    ],
  }
}
