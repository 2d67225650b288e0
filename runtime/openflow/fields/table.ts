/** All match fields in one table: by name, and by what stands on the wire. */
import type { Infer, Node } from '../../wire/index.ts'
import { experimenters } from '../numbers.ts'
import { basic } from './basic.ts'
import { ericsson, niciraExperimenter, nsh, onf } from './experimenter.ts'
import { cookie, nxm0, nxm1, packetRegisters, type TunnelMetadata, tunnelMetadata } from './nicira.ts'
import { type Plan, planOf } from './value.ts'

export const classes = {
  nxm0: 0x0000,
  nxm1: 0x0001,
  ericsson: 0x1000,
  basic: 0x8000,
  packetRegisters: 0x8001,
  experimenter: 0xffff,
} as const

export interface Field extends Plan {
  readonly name: string
  readonly class: number
  readonly number: number
  readonly experimenter: number | undefined
  readonly node: Node<unknown>
  /** The header of an exact match, its length without an experimenter's number. */
  readonly header: number
}

type Table = Readonly<Record<string, readonly [number: number, node: Node<unknown>]>>

const byName = new Map<string, Field>()
const byWire = new Map<string, Field>()

const wireKey = (type: number, number: number, experimenter: number | undefined, size: number | undefined) =>
  `${type}/${number}/${experimenter ?? ''}/${size ?? ''}`

function add(table: Table, type: number, experimenter?: number): void {
  for (const [name, [number, node]] of Object.entries(table)) {
    const plan = planOf(node)
    const length = Math.max(plan.size, 0) + (experimenter === undefined ? 0 : 4)
    const header = ((type << 16) | (number << 9) | length) >>> 0
    const field = { name, class: type, number, experimenter, node, header, ...plan }
    byName.set(name, field)
    const key = wireKey(type, number, experimenter, name === 'nxm_nx_cookie' ? 8 : undefined)
    byWire.set(key, field)
  }
}

add(basic, classes.basic)
add(nxm0, classes.nxm0)
add(nxm1, classes.nxm1)
add(cookie, classes.nxm1)
add(tunnelMetadata, classes.nxm1)
add(packetRegisters, classes.packetRegisters)
add(ericsson, classes.ericsson)
add(onf, classes.experimenter, experimenters.onf)
add(niciraExperimenter, classes.experimenter, experimenters.nicira)
add(nsh, classes.experimenter, experimenters.nsh)

export const fieldsByName: ReadonlyMap<string, Field> = byName
const fieldOfName: Readonly<Record<string, Field>> = Object.assign(
  Object.create(null),
  Object.fromEntries(byName),
)
/** The field of a name. An object without a prototype is looked up three times as fast as a Map. */
export const fieldNamed = (name: string): Field | undefined => fieldOfName[name]

/** Fields of one class by number, for look-ups without a string. */
const arrayOf = (type: number, experimenter?: number) =>
  Array.from({ length: 128 }, (_, number) => byWire.get(wireKey(type, number, experimenter, undefined)))

const basicFields = arrayOf(classes.basic)
const otherClasses = new Map(
  [classes.nxm0, classes.nxm1, classes.ericsson, classes.packetRegisters].map((type) => [
    type as number,
    arrayOf(type),
  ]),
)
const experimenterFields = new Map(
  Object.values(experimenters).map((id) => [id as number, arrayOf(classes.experimenter, id)]),
)
const cookieField = byName.get('nxm_nx_cookie')
const cookieNumber = 30

/** The field of a header, or undefined. `size` is the length of its value in bytes, without the mask. */
export function findField(header: number, experimenter: number | undefined, size: number): Field | undefined {
  const type = header >>> 16
  const number = (header >>> 9) & 127
  if (type === classes.basic) return basicFields[number]
  if (type === classes.experimenter)
    return experimenter === undefined ? undefined : experimenterFields.get(experimenter)?.[number]
  if (type === classes.nxm1 && number === cookieNumber && size === 8) return cookieField
  return otherClasses.get(type)?.[number]
}

type Fields = typeof basic &
  typeof nxm0 &
  typeof nxm1 &
  typeof cookie &
  typeof packetRegisters &
  typeof ericsson &
  typeof onf &
  typeof niciraExperimenter &
  typeof nsh

/** The name of a match field. */
export type FieldName = keyof Fields | TunnelMetadata
type FieldValue<Name extends keyof Fields> = Infer<Fields[Name][1]>

/** A field that this table does not have: header and payload as they are. */
export interface UnknownField {
  field: 'unknown'
  oxm_class: number
  oxm_field: number
  has_mask: boolean
  experimenter?: number
  value: Uint8Array
}

/** One match field with its value, and the mask where there is one. */
export type MatchField =
  | {
      [Name in keyof Fields]: { field: Name; value: FieldValue<Name>; mask?: FieldValue<Name> }
    }[keyof Fields]
  | { field: TunnelMetadata; value: Uint8Array; mask?: Uint8Array }
  | UnknownField

/** An ordered list of match fields. */
export type Match = readonly MatchField[]
