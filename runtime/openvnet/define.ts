/** The helpers that make a function's one default export. */
import type { Hono } from 'hono'
import type { FlowFunction } from '../pipeline/flow.ts'
import type { PipelineNames } from '../pipeline/names.ts'
import type { Wiring } from '../pipeline/wiring.ts'
import type { HandlerResult } from './effects.ts'
import type {
  EventEnvironment,
  PacketEnvironment,
  ScheduleEnvironment,
  TaskEnvironment,
} from './environment.ts'
import type { EventName, EventOf } from './events.ts'
import type { PacketIn } from './packet.ts'

/** A place in the pipeline where flows punt packets; its code is the upper 16 bits of their cookies, 1 to 65535. */
export interface PuntPoint {
  readonly name: string
  readonly code: number
}

export interface PacketFunction {
  readonly kind: 'packet'
  readonly name: string
  readonly from: PuntPoint
  readonly handle: (packet: PacketIn, env: PacketEnvironment) => HandlerResult
}

export interface EventFunction<N extends EventName = EventName> {
  readonly kind: 'event'
  readonly name: string
  readonly on: readonly N[]
  // A method, so that a function of one event counts as a function of some event.
  handle(event: EventOf<N>, env: EventEnvironment): HandlerResult
}

/** Why a task runs: it was called, or an exchange of its own has ended. */
export interface TaskStep {
  /** Of the call, or of the exchange. */
  readonly payload: unknown
  /** What came back; null: nothing did in time, or nothing was sent yet. */
  readonly answer: Uint8Array | null
  /** Exchanges that came before. */
  readonly exchanges: number
}

/**
 * Work that takes longer than a call: step by step, each a call of its own. Between them nothing waits but the host: the
 * step says by an exchange effect what is to be waited for, and the task is over when one does not.
 */
export interface TaskFunction {
  readonly kind: 'task'
  readonly name: string
  readonly handle: (step: TaskStep, env: TaskEnvironment) => HandlerResult
}

export interface ScheduleFunction {
  readonly kind: 'schedule'
  readonly name: string
  /** From one run to the next, in ms; 100 to 86,400,000. A run that is late is not made up for. */
  readonly every_ms: number
  /** Each host runs it (what it sends goes to the switches of that host), or, by default, one of those that share a database. */
  readonly every_host?: boolean
  readonly handle: (env: ScheduleEnvironment) => HandlerResult
}

/** `routes` adds the function's routes, relative to `path`, to an app of its own. */
// biome-ignore lint/suspicious/noExplicitAny: which variables and routes an app has is the API's own business
export interface ApiFunction<App = Hono<any>> {
  readonly kind: 'api'
  readonly name: string
  readonly path: string
  readonly routes: (app: App) => unknown
}

/** The pipeline and the flow functions: one unit of deployment, since each is wrong without the others. */
export interface FlowsFunction {
  readonly kind: 'flows'
  /** Flow functions by feature; `datapath` is the root. */
  readonly features: Readonly<Record<string, FlowFunction>>
  readonly puntPoints: Readonly<Record<string, PuntPoint>>
  /** The ids of the tables that switches fill by themselves: what they hold there is not compared with anything. */
  readonly learnedTables?: ReadonlySet<number>
  /** For who shows flows to people; without them there are numbers. */
  readonly names?: PipelineNames
  /** For who follows packets from switch to switch. */
  readonly wiring?: Wiring
}

export type AnyFunction =
  | PacketFunction
  | EventFunction
  | TaskFunction
  | ScheduleFunction
  | ApiFunction
  | FlowsFunction

/** Answers packets that flows punt from one place of the pipeline. */
export const packetIn = (definition: Omit<PacketFunction, 'kind'>): PacketFunction =>
  Object.freeze({ kind: 'packet', ...definition })

/** Does what `call` effects with its name ask for: that of its folder under `tasks/`. */
export const task = (definition: Omit<TaskFunction, 'kind'>): TaskFunction =>
  Object.freeze({ kind: 'task', ...definition })

/** Turns what happens to switches and ports into state. */
export function event<const N extends EventName>(definition: {
  readonly name: string
  readonly on: N | readonly N[]
  readonly handle: (event: EventOf<N>, env: EventEnvironment) => HandlerResult
}): EventFunction<N> {
  const on = typeof definition.on === 'string' ? [definition.on] : definition.on
  return Object.freeze({
    kind: 'event',
    name: definition.name,
    on: Object.freeze([...on]),
    handle: definition.handle,
  })
}

/**
 * Does what is due, again and again. There is no switch that it is about: what it sends names its datapath (`sendOn`).
 * Where it may run on two hosts at once, the guards of its writes let one of them through.
 */
export const schedule = (definition: Omit<ScheduleFunction, 'kind'>): ScheduleFunction =>
  Object.freeze({ kind: 'schedule', ...definition })

/** Serves one resource of the HTTP API. */
export const api = <App = Hono>(definition: Omit<ApiFunction<App>, 'kind'>): ApiFunction<App> =>
  Object.freeze({ kind: 'api', ...definition })

/** Turns state into flows. */
export const flows = (definition: Omit<FlowsFunction, 'kind'>): FlowsFunction =>
  Object.freeze({ kind: 'flows', ...definition })
