/** All that a function may use beside its event: state, time and chance are arguments, so every run can be repeated. */
import type { Draft, State } from '../../db/state/types.ts'
import type { Logger } from '../log.ts'

interface Environment {
  /** Milliseconds since 1970, the same throughout the call. */
  readonly now: number
  /** A number from 0 up to 1, from the event's seed. */
  random(): number
  /** What is logged leaves after the call, with the function's name and version. */
  readonly log: Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>
}

/** What a `remember` effect has kept. */
export interface Remembered {
  readonly bytes: Uint8Array
  readonly ageMs: number
}

interface Remembering {
  /** What is remembered under a key; undefined: nothing, or it is too old, or there was no room. */
  remembered(key: string): Remembered | undefined
}

export interface PacketEnvironment extends Environment, Remembering {
  readonly state: State
  /**
   * The state with pending writes on top. What it changes is committed before the event's packets leave; what is read
   * through it guards the commit, so a function that writes reads through its draft.
   */
  draft(): Draft
}

/** How the switches of all hosts are, as far as this host knows: what others say is a heartbeat old. */
export interface SwitchReports {
  /** By the id of each datapath that is connected to a host that lives: the last revision whose flows it has acknowledged, -1: none yet. */
  readonly applied: ReadonlyMap<number, number>
  /** Of these, the ids of those that are connected to this host: only they get what it sends. */
  readonly here: ReadonlySet<number>
  /**
   * Of each datapath that is connected to none: for how long this host has seen it so, in ms, whatever becomes of the time of day. It counts from
   * the host's start, and again from where it did not hear of the others.
   */
  readonly silentMs: ReadonlyMap<number, number>
  /** For how long this host has seen no datapath deleted, in ms; counted in the same way. */
  readonly undeletedMs: number
  /** For how long others may not have heard that this host lives, nor it what they did, in ms. 0: there are no others. */
  readonly unheardMs: number
}

/** As for packet functions: looking through everything guards nothing, and what is written is read through the draft. */
export interface ScheduleEnvironment extends Environment, Remembering {
  readonly state: State
  readonly switches: SwitchReports
  draft(): Draft
}

export interface EventEnvironment extends Environment {
  /** What the function changes here is committed when it returns; it runs again if what it read has changed meanwhile. */
  readonly state: Draft
}

export interface TaskEnvironment extends Environment, Remembering {
  readonly state: State
}
