/** Objects of answers: their fields, in the order in which they are answered. */
import * as v from 'valibot'
import type { AnyField, Field, Showing } from './field.ts'

type Entries = Readonly<Record<string, AnyField>>

/** Fields that are not their source's property of the same name say what they are made of. */
type Made = { readonly of: 'source' | 'answer' }
type Columns<E> = {
  readonly [K in keyof E as E[K] extends Made ? never : K]: E[K] extends Field<infer From, unknown>
    ? From
    : never
}
type Taker<F, Of> = F extends { readonly of: Of } & Field<infer From, unknown> ? (from: From) => void : never
/** All that fields look at: what a function would have to take that is each of them. */
type LookedAt<E, Of> = Taker<E[keyof E], Of> extends (from: infer From) => void ? From : unknown

/** What an object with these fields is made of: properties under the names of fields, and what the others look at. */
export type SourceOf<E extends Entries> = Columns<E> & LookedAt<E, 'source'>

/** What a field answers. */
export type Answer<F extends AnyField> = F extends Field<never, infer To> ? To : never
type OptionalKeys<E extends Entries> = { [K in keyof E]: undefined extends Answer<E[K]> ? K : never }[keyof E]
type AnswerOf<E extends Entries> = {
  readonly [K in Exclude<keyof E, OptionalKeys<E>>]: Answer<E[K]>
} & { readonly [K in OptionalKeys<E>]?: Exclude<Answer<E[K]>, undefined> }

/** An object of answers. As a field of another object it is within that one. */
export interface Shape<Source, To extends object> extends Field<Source, To> {
  /** Its name in the OpenAPI document. */
  readonly name: string
}

interface Component {
  readonly name: string
  readonly about: string
}
/** A schema that the OpenAPI document describes once, under its name. */
export const componentOf = (schema: object): Component | undefined =>
  (schema as { component?: Component }).component

type Shown = Record<string, unknown>
type AnyEntry = Field<unknown, unknown> & { readonly of?: Made['of'] }

function showAll(entries: readonly [string, AnyEntry][], source: Shown, showing: Showing): Shown {
  const answer: Shown = {}
  for (const [key, { of, show }] of entries) {
    const from = of === undefined ? source[key] : of === 'source' ? source : answer
    const value = show(from, showing)
    if (value !== undefined) answer[key] = value
  }
  return answer
}

/** Declares an object. `about` says what it is; fields that are undefined are left out. */
export function shape<const E extends Entries>(
  name: string,
  about: string,
  entries: E & (AnswerOf<E> extends LookedAt<E, 'answer'> ? unknown : never),
): Shape<SourceOf<E>, AnswerOf<E>> {
  const fields = Object.entries(entries) as unknown as [string, AnyEntry][]
  const schemas = Object.fromEntries(fields.map(([key, { schema }]) => [key, schema]))
  const declared = {
    name,
    schema: Object.assign(v.strictObject(schemas), { component: { name, about } }),
    show: (source: Shown, showing: Showing) => showAll(fields, source, showing),
  }
  // What the types say of the entries is what is made of them above.
  return declared as unknown as Shape<SourceOf<E>, AnswerOf<E>>
}

/** An answer without anything. */
export const nothing = shape('Nothing', 'Nothing was done.', {})

/** A shape, or an empty object where there is nothing to show. */
export const orNothing = <Source, To extends object>(
  some: Shape<Source, To>,
): Field<Source | undefined, To | Answer<typeof nothing>> => ({
  schema: v.union([some.schema, nothing.schema]),
  show: (source, showing) => (source === undefined ? {} : some.show(source, showing)),
})
