/**
 * A pipeline is declared once: its registers, and its tables in the order in which packets meet them, each with what it
 * matches and sets and where it sends packets. The types then refuse a flow that matches, sets or goes elsewhere.
 */

import type { Nat } from './conntrack.ts'
import type { HeaderName, TextHeader } from './fields.ts'
import { isHeader } from './fields.ts'
import type { RegisterField, Registers } from './registers.ts'

/** Open vSwitch lets flows use tables 0 to 253 (ovs-fields(7), ofproto's hidden tables are the last). */
const tableIdMax = 253

export interface Table<F extends string = string, T extends string = string> {
  /** Ascending in the order of declaration; gaps leave room for tables to come. */
  readonly id: number
  /** What it is for, in one sentence. */
  readonly purpose: string
  /** Fields that flows match; what those fields need beside them (`eth_type`, `ip_proto`) goes without saying. */
  readonly match: readonly F[]
  readonly set?: readonly F[]
  /** Where flows send packets, by going or by resubmitting. */
  readonly next?: readonly T[]
  /** Tables before it that flows resubmit packets to, which then go their way once more: each time with less TTL, or they would for ever. */
  readonly again?: readonly T[]
  /** What happens to packets that no flow matches. */
  readonly miss: 'drop' | T
  /** What it means that they are dropped, for who follows one of them. */
  readonly missMeans?: string
  /** The switch fills it by itself (`learn`): its flows are not compared with those that follow from the state. */
  readonly learned?: boolean
}

export type Tables = Readonly<Record<string, Table>>

type FieldOf<R extends Registers> = (keyof R & string) | HeaderName

/** The shape that a declaration must have; the names in `next` and `miss` are those of its own tables. */
export type CheckedTables<R extends Registers, T> = {
  readonly [N in keyof T]: Table<FieldOf<R>, Extract<keyof T, string>>
}

function checkTable(registers: Registers, tables: Tables, name: string, table: Table): void {
  if (!Number.isInteger(table.id) || table.id < 0 || table.id > tableIdMax)
    throw new RangeError(`${name}: table ${table.id} is not 0 to ${tableIdMax}`)
  for (const field of [...table.match, ...(table.set ?? [])])
    if (!isHeader(field) && registers[field] === undefined) throw new RangeError(`${name}: no field ${field}`)
  const successors = table.miss === 'drop' ? [] : [table.miss]
  for (const next of [...(table.next ?? []), ...successors]) {
    const target = tables[next]
    if (target === undefined) throw new RangeError(`${name} → ${next}: no such table`)
    if (target.id <= table.id) throw new RangeError(`${name} → ${next} goes backwards`)
  }
  for (const again of table.again ?? [])
    if (tables[again] === undefined) throw new RangeError(`${name} → ${again}: no such table`)
}

/** Checks ids, order, fields and jumps. Throws a RangeError that names what is wrong. */
export function checkTables(registers: Registers, tables: Tables): void {
  let last = -1
  for (const [name, table] of Object.entries(tables)) {
    if (isHeader(name) || registers[name] !== undefined)
      throw new RangeError(`${name} is a field and a table`)
    if (table.id <= last) throw new RangeError(`${name}: table ${table.id} is declared after table ${last}`)
    last = table.id
    checkTable(registers, tables, name, table)
  }
}

/** The ids of the tables that a switch fills by itself. */
export const learnedTables = (tables: Tables): ReadonlySet<number> =>
  new Set(Object.values(tables).flatMap(({ id, learned }) => (learned ? [id] : [])))

/** The value of a field: a mark's name where the register has marks, text of an IPv6 address, else a number (other addresses too). */
export type ValueOf<R extends Registers, F> = F extends keyof R
  ? R[F] extends RegisterField & { readonly values: infer V }
    ? keyof V & string
    : number
  : F extends TextHeader
    ? string
    : number

export interface Masked<V extends number | string = number> {
  readonly value: V
  readonly mask: V
}

type MatchedValue<R extends Registers, F> = F extends TextHeader
  ? string | Masked<string>
  : F extends HeaderName
    ? number | Masked
    : ValueOf<R, F> | (number extends ValueOf<R, F> ? Masked : never)

/** What flows of a table may match. */
export type MatchOf<R extends Registers, T extends Table> = {
  readonly [F in T['match'][number] | 'eth_type' | 'ip_proto']?: MatchedValue<R, F>
}

type Settable<T extends Table> = T extends { readonly set: readonly (infer F extends string)[] } ? F : never
type Next<T extends Table> = T extends { readonly next: readonly (infer N extends string)[] } ? N : never
type Again<T extends Table> = T extends { readonly again: readonly (infer N extends string)[] } ? N : never
type SetStep<R extends Registers, F> = F extends string
  ? { readonly set: F; readonly to: ValueOf<R, F> }
  : never

/** Sends the packet to the controllers. */
export interface Punt {
  /** Open vSwitch drops what is over the rate of this meter before it sends. */
  readonly meterId: number
  /** Bytes of the frame that are sent; all by default. */
  readonly bytesMax?: number
}

/** A flow that the switch makes by itself, of a table that is declared as `learned`, from the packet that is before it. */
export interface LearnedFlow<R extends Registers> {
  /** Never that of a flow that follows from the state. When no flow is left that learns under it, the switch forgets all of it. */
  readonly cookie: bigint
  readonly priority: number
  /** Forgotten after so many seconds in which the packet that it was learned from did not come again, 1 to 65535. */
  readonly hardSeconds: number
  /** Forgotten after so many seconds in which no packet has matched it nor come again, 1 to 65535. */
  readonly idleSeconds: number
  /** As many with this cookie and no more. */
  readonly limit: number
  /** What it matches, and the field of this packet that has the value. */
  readonly match: readonly { readonly field: FieldOf<R>; readonly from: FieldOf<R> }[]
  /** The protocol that it matches, where what it matches is of one. */
  readonly ethernetType?: number
  /** What it puts into registers. */
  readonly set: readonly {
    readonly [F in keyof R & string]: { readonly field: F; readonly to: ValueOf<R, F> }
  }[keyof R & string][]
  /** What else it gives to packets, and the field of this packet that has the value. */
  readonly copy?: readonly { readonly field: FieldOf<R>; readonly from: FieldOf<R> }[]
  /** A register of one bit that gets 1 if it is learned, or was; else 0: there are too many. */
  readonly result: keyof R & string
}

/** Sends a packet through connection tracking (ovs-actions(7), `ct`). */
export interface Conntrack<R extends Registers, T extends Table> {
  /** 1 to 65535, or the field that holds it: `ct_zone` is the one that the packet was sent through before. */
  readonly zone: number | 'ct_zone' | (keyof R & string)
  /** Remembers the connection; what is not remembered has no replies. */
  readonly commit?: true
  /** What the connection is marked with, as it is remembered: a number, or what a register holds. */
  readonly mark?: number | (keyof R & string)
  /** What it is labelled with beside that: which rule made it. */
  readonly label?: number
  /** Translates addresses: of connections that are remembered so, or of this one from now on, where it is remembered. */
  readonly nat?: 'known' | Nat
  /** The packet goes on there as what tracking takes it for, registers and all; the steps that follow see none of that. */
  readonly next?: Next<T> | Again<T>
}

/** One step of what a flow does, in order. */
export type StepOf<R extends Registers, T extends Table> =
  | SetStep<R, Settable<T>>
  /** All of it, or so many of the lowest bits. */
  | { readonly move: FieldOf<R>; readonly to: Settable<T>; readonly bits?: number }
  /** What is pushed last is popped first: two fields change places by way of the switch's stack. */
  | { readonly push: FieldOf<R> }
  | { readonly pop: Settable<T> }
  | { readonly resubmit: Next<T> | Again<T> }
  /** Makes or refreshes a flow of a table that the switch fills by itself. */
  | { readonly learn: Next<T>; readonly flow: LearnedFlow<R> }
  /** A port, the port that the packet came from, or the port whose number a register holds. */
  | { readonly output: number | 'in_port' }
  | { readonly outputOf: keyof R & string }
  | { readonly punt: Punt }
  /** One of several ways, or all of them, as the group with this number says. */
  | { readonly group: number }
  | { readonly conntrack: Conntrack<R, T> }
  /** Puts a VLAN tag (802.1Q) around it, of VLAN 0 until `vlan_vid` is set; takes off the one that was matched. */
  | { readonly pushVlan: true }
  | { readonly popVlan: true }
  /** What tracking took the packet for is forgotten: it may be sent through the same zone as another connection. */
  | { readonly untrack: true }
  /** Takes one off the TTL of an IP packet; one whose TTL is 1 or 0 must have been matched before. */
  | { readonly decrementTtl: true }
  /** From here on it may leave by the port that it came from, which Open vSwitch would else leave out. */
  | { readonly forgetPort: true }
  /** Sets a register of one bit to whether the frame, Ethernet header included, has more bytes than this. */
  | { readonly largerThan: number; readonly to: keyof R & string }

interface FlowHead<R extends Registers, T extends Table> {
  readonly cookie: bigint
  /** 1 to 65535; 0 is the table's miss. */
  readonly priority: number
  readonly match: MatchOf<R, T>
  /** See `Flow.claimsZone`. */
  readonly claimsZone?: number
}

/** A flow does something, goes somewhere, or says that it drops. */
export type FlowOf<R extends Registers, T extends Table> = FlowHead<R, T> &
  (
    | { readonly drop: true; readonly meterId?: never; readonly steps?: never; readonly goto?: never }
    | {
        readonly drop?: never
        /** What passes this meter's rate goes on, the rest is dropped. */
        readonly meterId?: number
        readonly steps?: readonly StepOf<R, T>[]
        readonly goto?: Next<T>
      }
  )
