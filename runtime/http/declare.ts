/**
 * Operations of the API as data: method, path, parameters as schemas, what is answered, and what is refused. The routes,
 * the answers, the OpenAPI document and the commands of `vnctl` all come from these declarations, so they cannot differ.
 */
import type * as v from 'valibot'
import type { AnyField, Field } from './answers/field.ts'
import type { ErrorClass } from './errors.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
export type Entries = Readonly<Record<string, v.GenericSchema>>

export interface Operation<
  Keys extends Entries = Entries,
  Parameters extends Entries = Entries,
  Answers extends AnyField = AnyField,
> {
  readonly method: Method
  /** Relative to the resource: `/:uuid/ports`. */
  readonly path: string
  /** One sentence, for people. */
  readonly summary: string
  /** What the path names, by the names in it, in their order. */
  readonly keys: Keys
  /** What query and body may carry, in the order in which they are checked. */
  readonly parameters: Parameters
  /** What a success answers: handlers return what this is made of. */
  readonly answers: Answers
  /** Errors beyond those that follow from keys and parameters. */
  readonly refusals: readonly ErrorClass[]
}

export interface Resource<
  Operations extends Readonly<Record<string, Operation>> = Record<string, Operation>,
> {
  /** As in paths and commands: `ip_leases`. */
  readonly name: string
  readonly path: string
  readonly operations: Operations
}

type NoEntries = Readonly<Record<never, never>>
type Optional = 'keys' | 'parameters' | 'refusals'
type Declaration<K extends Entries, P extends Entries, A extends AnyField> = Omit<
  Operation<K, P, A>,
  Optional
> &
  Partial<Pick<Operation<K, P, A>, Optional>>

export const operation = <
  const K extends Entries = NoEntries,
  const P extends Entries = NoEntries,
  const A extends AnyField = AnyField,
>(
  declaration: Declaration<K, P, A>,
): Operation<K, P, A> => ({
  keys: {} as K,
  parameters: {} as P,
  refusals: [],
  ...declaration,
})

export const resource = <const O extends Readonly<Record<string, Operation>>>(
  name: string,
  operations: O,
): Resource<O> => ({ name, path: `/${name}`, operations })

type Output<E extends Entries> = { -readonly [K in keyof E]: v.InferOutput<E[K]> }
/** What a handler is called with: the keys of the path and the parameters, checked and converted. */
export type InputOf<O extends Operation> = Output<O['keys']> & Output<O['parameters']>

/** What a handler returns: what the answer is made of. */
export type OutcomeOf<O extends Operation> = O['answers'] extends Field<infer From, unknown> ? From : never

/** Whether pages of a list are answered. */
export const isList = ({ answers }: Operation): boolean => 'item' in answers
