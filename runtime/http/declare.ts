/**
 * Operations of the API as data: method, path, and parameters as schemas. The routes, the OpenAPI document and the
 * commands of `vnctl` all come from these declarations, so they cannot differ.
 */
import type * as v from 'valibot'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
export type Entries = Readonly<Record<string, v.GenericSchema>>

export interface Operation<Keys extends Entries = Entries, Parameters extends Entries = Entries> {
  readonly method: Method
  /** Relative to the resource: `/:uuid/ports`. */
  readonly path: string
  /** One sentence, for people. */
  readonly summary: string
  /** What the path names, by the names in it, in their order. */
  readonly keys: Keys
  /** What query and body may carry, in the order in which they are checked. */
  readonly parameters: Parameters
  /** An object, a list in an envelope, or an array. */
  readonly answers: 'object' | 'list' | 'array'
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
type Optional = 'keys' | 'parameters' | 'answers'
type Declaration<K extends Entries, P extends Entries> = Omit<Operation<K, P>, Optional> &
  Partial<Pick<Operation<K, P>, Optional>>

export const operation = <const K extends Entries = NoEntries, const P extends Entries = NoEntries>(
  declaration: Declaration<K, P>,
): Operation<K, P> => ({
  keys: {} as K,
  parameters: {} as P,
  answers: 'object',
  ...declaration,
})

export const resource = <const O extends Readonly<Record<string, Operation>>>(
  name: string,
  operations: O,
): Resource<O> => ({ name, path: `/${name}`, operations })

type Output<E extends Entries> = { -readonly [K in keyof E]: v.InferOutput<E[K]> }
/** What a handler is called with: the keys of the path and the parameters, checked and converted. */
export type InputOf<O extends Operation> = Output<O['keys']> & Output<O['parameters']>
