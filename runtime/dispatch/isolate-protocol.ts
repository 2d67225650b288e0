/** Messages between the host thread and its isolates. They travel as JSON text: cheaper than a structured clone. */
import type { Read, Write } from '../../db/state/types.ts'
import type { StoredVersion } from '../deploy/load-version.ts'
import type { PlainRequest, PlainResponse } from '../http/plain.ts'
import type { LogFields, LogLevel } from '../log.ts'
import type { Problem } from '../problem.ts'

export interface IsolateRequest {
  readonly request: PlainRequest
  /** Milliseconds since 1970. */
  readonly now: number
  /** 32 bits. */
  readonly seed: number
}

export type ToIsolate =
  /** Everything, as JSON text of a snapshot. Changes may come before it. */
  | { readonly type: 'state'; readonly snapshot: string }
  /** The store's text of a batch of changes. */
  | { readonly type: 'changes'; readonly changes: string }
  /** Loads a set of API functions beside the one that serves. */
  | { readonly type: 'prepare'; readonly id: number; readonly versions: readonly StoredVersion[] }
  /** From the next request on the prepared set serves. */
  | { readonly type: 'serve'; readonly id: number }
  | ({ readonly type: 'request'; readonly id: number } & IsolateRequest)

export type FromIsolate =
  /** null: every function of the set is loaded. */
  | { readonly type: 'prepared'; readonly id: number; readonly problem: Problem | null }
  | { readonly type: 'answer'; readonly id: number; readonly answer: IsolateAnswer }
  | { readonly type: 'log'; readonly level: LogLevel; readonly message: string; readonly fields: LogFields }

/** How a request ended in an isolate. */
export interface IsolateAnswer {
  /** The version that answered, `api/networks@3`; `api` where it was none of them. */
  readonly by: string
  readonly response: PlainResponse
  /** Empty where nothing is to be committed. */
  readonly writes: readonly Write[]
  readonly reads: readonly Read[]
  readonly revision: number
  /** The function threw what was no refusal; `response` says nothing then. */
  readonly error: { readonly message: string; readonly stack: string } | null
}
