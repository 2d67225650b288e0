/** Ties the handlers of API functions to their declarations on a Hono app. */
import type { Handler, Hono } from 'hono'
import type { Draft } from '../../db/state/types.ts'
import type { Logger } from '../log.ts'
import type { Field } from './answers/field.ts'
import { TimeTexts } from './answers/time-texts.ts'
import type { InputOf, Operation, OutcomeOf } from './declare.ts'
import { validate } from './validate.ts'

/** What API functions get beside their input: state, time and chance as arguments. */
export interface ApiEnvironment {
  /** What is written here is committed when the answer is a success, and forgotten otherwise. */
  readonly state: Draft
  /** Milliseconds since 1970, the same throughout the request. */
  readonly now: number
  /** A number from 0 up to 1. */
  random(): number
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>
}

/** What a request carries into the app, as Hono's bindings (`c.env`). */
export interface ApiBindings {
  readonly environment: ApiEnvironment
  /** Query and body, merged, as they came. */
  readonly parameters: Readonly<Record<string, unknown>>
}
export type ApiApp = Hono<{ Bindings: ApiBindings }>

const declared = Symbol.for('openvnet.operation')

/** The operation that a handler was made for. */
export const operationOf = (handler: unknown): Operation | undefined =>
  (handler as { [declared]?: Operation })[declared]

/** Adds an operation to the app: validated input; what the operation answers of the outcome, as JSON. The handler runs synchronously. */
export function serve<O extends Operation>(
  app: ApiApp,
  operation: O,
  handle: (input: InputOf<O>, environment: ApiEnvironment) => OutcomeOf<O>,
): void {
  const { show } = operation.answers as Field<OutcomeOf<O>, object>
  const handler: Handler<{ Bindings: ApiBindings }> = (c) => {
    const { environment, parameters } = c.env
    const outcome = handle(validate(operation, c.req.param(), parameters), environment)
    return c.json(show(outcome, { state: environment.state, times: new TimeTexts() }))
  }
  app.on(operation.method, operation.path, Object.assign(handler, { [declared]: operation }))
}
