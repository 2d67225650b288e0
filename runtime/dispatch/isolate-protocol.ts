/**
 * Messages between the host thread and its isolates. What is large is text in a flat object, which costs next to nothing
 * to hand over, and is not read on the way: a change goes from the store to the isolates, and what is to be committed
 * from an isolate to the store, as they are. All else is JSON text, cheaper than a structured clone.
 */
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

/** Sent as it is. */
export type TextToIsolate =
  /** Everything, as JSON text of a snapshot. Changes may come before it. */
  | { readonly type: 'state'; readonly text: string }
  /** The store's text of a batch of changes. */
  | { readonly type: 'changes'; readonly text: string }

/** Sent as JSON. */
export type ToIsolate =
  /** Loads a set of API functions beside the one that serves. */
  | { readonly type: 'prepare'; readonly id: number; readonly versions: readonly StoredVersion[] }
  /** From the next request on the prepared set serves. */
  | { readonly type: 'serve'; readonly id: number }
  | ({ readonly type: 'request'; readonly id: number } & IsolateRequest)

export type FromIsolate =
  /** null: every function of the set is loaded. */
  | { readonly type: 'prepared'; readonly id: number; readonly problem: Problem | null }
  | { readonly type: 'log'; readonly level: LogLevel; readonly message: string; readonly fields: LogFields }

/** An answer, sent as it is. */
export interface TextFromIsolate {
  readonly id: number
  /** JSON text of an `AnswerHead`. */
  readonly head: string
  readonly body: string
  /** Of a `Job`, for the store; empty where nothing is to be committed. */
  readonly job: string
}

interface AnswerHead {
  /** The version that answered, `api/networks@3`; `api` where it was none of them. */
  readonly by: string
  readonly status: number
  readonly headers: PlainResponse['headers']
  readonly revision: number
  /** The function threw what was no refusal; status and body say nothing then. */
  readonly error: { readonly message: string; readonly stack: string } | null
}

/** How a request ended in an isolate. */
export interface IsolateAnswer extends AnswerHead {
  readonly body: string
  /** JSON text, for the store; empty where nothing is to be committed. */
  readonly job: string
}

export const packAnswer = (id: number, { body, job, ...head }: IsolateAnswer): TextFromIsolate => ({
  id,
  head: JSON.stringify(head satisfies AnswerHead),
  body,
  job,
})

/** Throws where it is none: functions of the isolate can send what they like. */
export function unpackAnswer({ head, body, job }: TextFromIsolate): IsolateAnswer {
  if (typeof body !== 'string' || typeof job !== 'string') throw new TypeError('this is no answer')
  return { ...(JSON.parse(head) as AnswerHead), body, job }
}
