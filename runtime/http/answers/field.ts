/** Fields of answers, and how they are combined. */
import * as v from 'valibot'
import type { State } from '../../../db/state/types.ts'
import type { TimeTexts } from './time-texts.ts'

/** What an answer is made with. */
export interface Showing {
  readonly state: State
  readonly times: TimeTexts
}

/** A value of an answer. `From` is what a row has, `To` what is answered; undefined is left out. */
export interface Field<From, To> {
  readonly schema: v.GenericSchema<To>
  readonly show: (from: From, showing: Showing) => To
}

/** A field that is made of the whole source; others are the source's property of the same name. */
export interface Picked<Source, To> extends Field<Source, To> {
  readonly of: 'source'
}

/** A field that is made of fields before it in the same answer. */
export interface Repeated<Before, To> extends Field<Before, To> {
  readonly of: 'answer'
}

/** Whatever field there is. */
export type AnyField = Field<never, unknown>

/** A field whose value is looked up: in other properties of the source, or in the state. */
export const from = <Source, From, To>(
  { schema, show }: Field<From, To>,
  pick: (source: Source, state: State) => NoInfer<From>,
): Picked<Source, To> => ({
  schema,
  show: (source, showing) => show(pick(source, showing.state), showing),
  of: 'source',
})

/** A field that says again what is said within fields before it. */
export const again = <Before, To>(
  { schema }: Field<never, To>,
  pick: (before: Before) => NoInfer<To>,
): Repeated<Before, To> => ({ schema, show: pick, of: 'answer' })

/** A field that may have no value: it is there, and null. */
export const nullable = <From, To>({ schema, show }: Field<From, To>): Field<From | null, To | null> => ({
  schema: v.nullable(schema),
  show: (value, showing) => (value === null ? null : show(value, showing)),
})

/** A field that is left out where it has no value. */
export const optional = <From, To>({
  schema,
  show,
}: Field<From, To>): Field<From | undefined, To | undefined> => ({
  schema: v.optional(schema),
  show: (value, showing) => (value === undefined ? undefined : show(value, showing)),
})

/** The same field; `about` says what it means here. */
export const described = <From, To>({ schema, show }: Field<From, To>, about: string): Field<From, To> => ({
  schema: v.pipe(schema, v.description(about)),
  show,
})

/** Any number of values. */
export const list = <From, To>({ schema, show }: Field<From, To>): Field<readonly From[], readonly To[]> => ({
  schema: v.array(schema),
  show: (values, showing) => values.map((value) => show(value, showing)),
})
