/** Answers for what went wrong after a function had answered, or instead of its answer. */

import { describe, type Problem } from '../problem.ts'
import type { ErrorClass } from './errors.ts'
import { ApiError } from './errors.ts'
import type { PlainResponse } from './plain.ts'
import { type Representation, represent } from './represent.ts'

/** Why a commit was refused, as the store says it. */
export type CommitFailure =
  | { readonly kind: 'conflict' }
  | { readonly kind: 'unavailable'; readonly problem: Problem }
  | {
      readonly kind: 'constraint'
      readonly problem: Problem
      readonly table?: string | undefined
      readonly columns: readonly string[]
    }

/** When a client should try again, in seconds. */
const retryAfterSeconds = '1'

/** An error as an answer. */
export function errorAnswer(error: ApiError, representation: Representation = 'json'): PlainResponse {
  const answer = represent(error.status, JSON.stringify(error), representation)
  const retry = error.status === 503
  return retry ? { ...answer, headers: { ...answer.headers, 'retry-after': retryAfterSeconds } } : answer
}

const addresses = new Set(['mac_address', 'ipv4_address', 'ipv6_address'])
const names = new Set(['uuid', 'dpid', 'port_name'])

function classOf(columns: readonly string[], problem: Problem): ErrorClass {
  if (!/UNIQUE/.test(problem.received ?? '')) return 'ArgumentError'
  if (columns.some((column) => addresses.has(column))) return 'AddressInUse'
  return columns.some((column) => names.has(column)) ? 'DuplicateName' : 'AlreadyRelated'
}

/** What a client is told when the commit of its request failed: nothing of it is written. */
export function commitError(failure: CommitFailure): ApiError {
  if (failure.kind === 'conflict')
    return new ApiError(
      'Unavailable',
      'others kept changing what this request needs; nothing is written, try again',
    )
  if (failure.kind === 'unavailable')
    return new ApiError('Unavailable', `the database is away: ${describe(failure.problem)}`)
  return new ApiError(classOf(failure.columns, failure.problem), describe(failure.problem))
}

/** What a client is told when the API function failed; `outcome` is one of the closed list. */
export const outcomeError = (identity: string, outcome: string, detail = '') =>
  new ApiError(
    'Unavailable',
    `${identity}: ${outcome}${detail === '' ? '' : `: ${detail}`}; nothing is written`,
  )
