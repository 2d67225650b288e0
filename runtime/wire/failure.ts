import type { Problem } from '../problem.ts'

/** Codec failures travel as exceptions inside the codec only; its entry points turn them into problems. */
export class Malformed extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.what)
    this.problem = problem
  }
}

/** A value that cannot be written: a programmer's error. */
export class CodecError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(`${problem.where}: ${problem.what}`)
    this.name = 'CodecError'
    this.problem = problem
  }
}

/** Why a reader stops. `truncated`: fewer bytes than needed are left; `short`, `length`: a length field makes no sense. */
export type Reason = 'truncated' | 'short' | 'length' | 'constant' | 'depth' | 'field' | 'variant'

export type Fail = (reason: Reason, offset: number, expected: number, received: number) => never

/** The fast reader stops with this, without a stack or a text: the traced reader then finds out where. */
const malformed = new Malformed({ what: 'malformed', where: '' })
export const failFast: Fail = () => {
  throw malformed
}

export function describeFailure(
  path: string,
  reason: Reason,
  offset: number,
  expected: number,
  received: number,
): Problem {
  const where = path === '' ? `byte ${offset}` : `${path} at byte ${offset}`
  switch (reason) {
    case 'truncated':
      return { what: 'cut off', where, expected: bytesText(expected), received: bytesText(received) }
    case 'short':
      return {
        what: 'impossible length',
        where,
        expected: `at least ${expected}`,
        received: String(received),
      }
    case 'length':
      return {
        what: 'impossible length',
        where,
        expected: `at most ${expected}, what is left`,
        received: String(received),
      }
    case 'constant':
      return { what: 'wrong value', where, expected: String(expected), received: String(received) }
    case 'variant':
      return { what: 'of no known type', where }
    case 'depth':
      return { what: 'nested too deeply', where, expected: `at most ${expected} levels`, received: 'more' }
    case 'field':
      return {
        what: 'wrong length of a match field',
        where,
        expected: bytesText(expected),
        received: bytesText(received),
      }
  }
}

const bytesText = (n: number) => (n === 1 ? '1 byte' : `${n} bytes`)

/** How native readers stop: the same, without knowing the path that leads to them. */
export class Stop {
  readonly reason: Reason
  readonly offset: number
  readonly expected: number
  readonly received: number
  /** The element of a list that is wrong, if it is one. */
  readonly index: number | undefined
  constructor(reason: Reason, offset: number, expected: number, received: number, index?: number) {
    this.reason = reason
    this.offset = offset
    this.expected = expected
    this.received = received
    this.index = index
  }
}

export function stop(
  reason: Reason,
  offset: number,
  expected: number,
  received: number,
  index?: number,
): never {
  throw new Stop(reason, offset, expected, received, index)
}
