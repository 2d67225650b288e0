/**
 * What functions want done, as plain values; the host checks and applies them. Changes of state are not among them:
 * whatever a function did to its draft is its write effect.
 */
import type { LogFields, LogLevel } from '../log.ts'
import type { Action, Flow } from '../pipeline/flow.ts'
import type { Connection, Port } from './packet.ts'

/** Sends a frame out of the switch. */
export interface PacketOutEffect {
  readonly type: 'packet-out'
  /** One port to send to, or null where `actions` say it. */
  readonly port: Port | null
  /** Actions as in flows, or null where `port` says it all. */
  readonly actions: readonly Action[] | null
  /** The frame, or null for the very packet that was punted (by its buffer where the switch kept it). */
  readonly frame: Uint8Array | null
  /** What the switch takes for the packet's in_port; null: the punted packet's, or OFPP_CONTROLLER. */
  readonly inPort: Port | null
}

/**
 * Sends a frame out of a switch by its datapath, whatever switch the function is about. Nothing is sent where that switch is
 * not connected to this host: another may serve it.
 */
export interface SendOnEffect {
  readonly type: 'send-on'
  /** `0x` and 16 hexadecimal digits. */
  readonly dpid: string
  readonly packet: PacketOutEffect
}

/**
 * Puts a flow into a table that is a switch's own, by its datapath: nothing compares it with what follows from the state.
 * Unless it is put again the switch forgets it after so many seconds, 1 to 65535, whatever becomes of the host.
 */
export interface PutFlowEffect {
  readonly type: 'put-flow'
  /** `0x` and 16 hexadecimal digits. */
  readonly dpid: string
  readonly flow: Flow
  readonly hardSeconds: number
}

/** Has a switch forget a connection: its next packet is the first of a new one. */
export interface ForgetConnectionEffect {
  readonly type: 'forget-connection'
  /** `0x` and 16 hexadecimal digits. */
  readonly dpid: string
  readonly connection: Connection
}

/** Ends the packet here, on purpose. */
export interface DropEffect {
  readonly type: 'drop'
  /** A short name that is counted: `no-lease`. */
  readonly reason: string
}

/** Keeps the packet until it is released or discarded under this key, or its time is over. */
export interface HoldEffect {
  readonly type: 'hold'
  readonly key: string
  readonly timeoutMs: number
  /** When its time is over, its function has it once more; else it is dropped. */
  readonly again: boolean
}

/** Every packet that is held under this key on this datapath comes to its function once more, now. */
export interface RunAgainEffect {
  readonly type: 'run-again'
  readonly key: string
}

/** Sends every packet that is held under this key on this datapath to a port, or through actions. */
export interface ReleaseEffect {
  readonly type: 'release'
  readonly key: string
  readonly port: Port | null
  readonly actions: readonly Action[] | null
}

/** Drops every packet that is held under this key on this datapath. */
export interface DiscardEffect {
  readonly type: 'discard'
  readonly key: string
}

/** Lets the packet go on through the pipeline, at a table (0 where none is said) or where it was paused. */
export interface ContinueEffect {
  readonly type: 'continue'
  readonly table: number | null
}

/** Starts a task by its name, with a value that JSON can carry. What the task sends goes to the same switch. */
export interface CallEffect {
  readonly type: 'call'
  readonly name: string
  readonly payload: unknown
}

/**
 * Sends a message, from a port that nobody can guess, and runs the task again with what comes back from there, or with
 * nothing when the time is over. Only tasks can wait.
 */
export interface ExchangeEffect {
  readonly type: 'exchange'
  /** As a datagram, or over a connection of its own with its length before it. */
  readonly transport: 'udp' | 'tcp'
  /** An IPv4 address, or IPv6 as text. */
  readonly address: number | string
  readonly port: number
  readonly message: Uint8Array
  /** What an answer begins with; others are not for us. */
  readonly expect: Uint8Array
  readonly timeoutMs: number
  /** For the task's next step. */
  readonly payload: unknown
  /** Exchanges of this text with the same address and port that are under way are one: each task gets its answer. */
  readonly join?: string
}

/** Keeps bytes for a while, for all functions of this host (`env.remembered`); they may be forgotten any time before. */
export interface RememberEffect {
  readonly type: 'remember'
  readonly key: string
  readonly bytes: Uint8Array
  readonly ttlMs: number
  /** Whose it is: each has only a part of the room, and where there is none its own oldest goes. */
  readonly share?: string
}

/** Tells whoever watches the network of something that needs a person. */
export interface AlarmEffect {
  readonly type: 'alarm'
  /** A short name that is always the same for what is alike: `denied`. */
  readonly name: string
  readonly message: string
  /** More of it, for programs. */
  readonly fields?: LogFields
  /** Uuids of what it concerns, the one that it is about first: who listens to events may choose by them. */
  readonly about?: readonly string[]
}

export interface LogEffect {
  readonly type: 'log'
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields
}

/** Adds to a counter of this function. */
export interface MetricEffect {
  readonly type: 'metric'
  readonly name: string
  readonly value: number
}

export type Effect =
  | PacketOutEffect
  | SendOnEffect
  | PutFlowEffect
  | ForgetConnectionEffect
  | DropEffect
  | HoldEffect
  | ReleaseEffect
  | DiscardEffect
  | RunAgainEffect
  | ContinueEffect
  | CallEffect
  | ExchangeEffect
  | RememberEffect
  | AlarmEffect
  | LogEffect
  | MetricEffect

/** What a handler may return. */
export type Effects = Effect | readonly Effect[] | undefined
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement is declared void
export type HandlerResult = Effects | void

/** The punted packet, unchanged, to a port. */
export const forward = (port: Port): PacketOutEffect => ({
  type: 'packet-out',
  port,
  actions: null,
  frame: null,
  inPort: null,
})

/** A frame of our own to a port; `inPort` is what the pipeline sees where the port is OFPP_TABLE. */
export const send = (frame: Uint8Array, port: Port, inPort: Port | null = null): PacketOutEffect => ({
  type: 'packet-out',
  port,
  actions: null,
  frame,
  inPort,
})

/** A frame of our own back to the port that the packet came from; to a tagged one the answer is tagged, too. */
export const reply = (frame: Uint8Array): PacketOutEffect => send(frame, 'OFPP_IN_PORT')

/** The punted packet (frame null) or a frame of our own through actions, as in flows. */
export const sendThrough = (
  actions: readonly Action[],
  frame: Uint8Array | null = null,
  inPort: Port | null = null,
): PacketOutEffect => ({ type: 'packet-out', port: null, actions, frame, inPort })

/** A packet-out with a frame of its own, on a datapath by its `dpid`. */
export const sendOn = (dpid: string, packet: PacketOutEffect): SendOnEffect => ({
  type: 'send-on',
  dpid,
  packet,
})

export const putFlow = (dpid: string, flow: Flow, hardSeconds: number): PutFlowEffect => ({
  type: 'put-flow',
  dpid,
  flow,
  hardSeconds,
})

export const forgetConnection = (dpid: string, connection: Connection): ForgetConnectionEffect => ({
  type: 'forget-connection',
  dpid,
  connection,
})

export const drop = (reason: string): DropEffect => ({ type: 'drop', reason })
export const hold = (key: string, timeoutMs = 1_000): HoldEffect => ({
  type: 'hold',
  key,
  timeoutMs,
  again: false,
})
/** Holds the packet; its function has it once more when the time is over, or it is told so (`runAgain`). */
export const holdFor = (key: string, timeoutMs: number): HoldEffect => ({
  type: 'hold',
  key,
  timeoutMs,
  again: true,
})
export const runAgain = (key: string): RunAgainEffect => ({ type: 'run-again', key })
export const release = (key: string, to: Port | readonly Action[]): ReleaseEffect =>
  typeof to === 'object'
    ? { type: 'release', key, port: null, actions: to }
    : { type: 'release', key, port: to, actions: null }
export const discard = (key: string): DiscardEffect => ({ type: 'discard', key })
export const continuePacket = (table: number | null = null): ContinueEffect => ({ type: 'continue', table })
export const call = (name: string, payload: unknown = null): CallEffect => ({ type: 'call', name, payload })
export const exchange = (definition: Omit<ExchangeEffect, 'type'>): ExchangeEffect => ({
  type: 'exchange',
  ...definition,
})
export const remember = (key: string, bytes: Uint8Array, ttlMs: number, share?: string): RememberEffect => ({
  ...{ type: 'remember', key, bytes, ttlMs },
  ...(share === undefined ? {} : { share }),
})
/** Logged as a warning, and told to who listens to `GET /events`. */
export const alarm = (
  name: string,
  message: string,
  fields: LogFields = {},
  about: readonly string[] = [],
): AlarmEffect => ({
  type: 'alarm',
  name,
  message,
  ...(Object.keys(fields).length === 0 ? {} : { fields }),
  ...(about.length === 0 ? {} : { about }),
})
export const metric = (name: string, value = 1): MetricEffect => ({ type: 'metric', name, value })
export const log = (level: LogLevel, message: string, fields: LogFields = {}): LogEffect => ({
  type: 'log',
  level,
  message,
  fields,
})
