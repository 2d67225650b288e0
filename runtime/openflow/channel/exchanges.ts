/** Which reply and which error belongs to which of our messages, by transaction id; limited in number and in time. */
import { failure, type Problem, type Result, success } from '../../problem.ts'
import { Xids } from './xids.ts'

/** Why there is no answer: the switch sent an error, or none came in time, or it was not sent, or the session ended. */
export type Cause = 'refused' | 'silence' | 'unsent' | 'ended'

/** A Result that also tells why it failed. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem; readonly cause: Cause }

/** What waits for replies to one message. */
export interface Expectation {
  /** A reply: bytes[offset, end), valid during the call. Returns whether it was the last one. */
  reply(bytes: Uint8Array, offset: number, end: number): boolean
  fail(problem: Problem, cause: Cause): void
}

/** What learns of errors about a run of messages that have no replies. */
interface Watch {
  readonly first: number
  readonly count: number
  refused(index: number, problem: Problem): void
}

interface Pending {
  readonly expectation: Expectation
  readonly timer: ReturnType<typeof setTimeout>
}

export class Exchanges {
  readonly xids: Xids
  readonly #max: number
  readonly #pending = new Map<number, Pending>()
  /** As many as bundles run at once: one or two. */
  readonly #watches = new Set<Watch>()
  #ended: Problem | null = null

  constructor(max: number, firstXid = 1) {
    this.#max = max
    this.xids = new Xids((xid) => this.#pending.has(xid), firstXid)
  }

  get size() {
    return this.#pending.size
  }

  /** Expects replies to `xid` within `timeoutMs`. Fails when too many are expected already or the session has ended. */
  expect(xid: number, timeoutMs: number, expectation: Expectation): Result<void> {
    if (this.#ended !== null) return failure(this.#ended)
    if (this.#pending.size >= this.#max) {
      const expected = `at most ${this.#max}`
      return failure({ what: 'too many requests wait for replies', where: 'session', expected })
    }
    const timer = setTimeout(() => {
      const problem = {
        what: 'the switch did not answer',
        where: `xid ${xid}`,
        expected: `within ${timeoutMs} ms`,
      }
      this.fail(xid, problem, 'silence')
    }, timeoutMs)
    this.#pending.set(xid, { expectation, timer })
    return success(undefined)
  }

  /** Learns of errors about the messages `first` … `first + count - 1`, until the returned function is called. */
  watch(first: number, count: number, refused: (index: number, problem: Problem) => void): () => void {
    const watch = { first, count, refused }
    this.#watches.add(watch)
    return () => this.#watches.delete(watch)
  }

  /** Hands on a reply. Returns false when nobody expects it. */
  reply(xid: number, bytes: Uint8Array, offset: number, end: number): boolean {
    const pending = this.#pending.get(xid)
    if (pending === undefined) return false
    if (pending.expectation.reply(bytes, offset, end)) this.#settle(xid, pending)
    return true
  }

  /** Hands on an error. Returns false when it is about none of what is expected or watched. */
  fail(xid: number, problem: Problem, cause: Cause = 'refused'): boolean {
    const pending = this.#pending.get(xid)
    if (pending !== undefined) {
      this.#settle(xid, pending)
      pending.expectation.fail(problem, cause)
      return true
    }
    for (const { first, count, refused } of this.#watches) {
      if (xid < first || xid >= first + count) continue
      refused(xid - first, problem)
      return true
    }
    return false
  }

  /** Expects nothing more: everything that waits fails with this, also what asks from now on. */
  end(problem: Problem) {
    this.#ended ??= problem
    for (const [xid, pending] of this.#pending) {
      this.#settle(xid, pending)
      pending.expectation.fail(problem, 'ended')
    }
  }

  #settle(xid: number, pending: Pending) {
    clearTimeout(pending.timer)
    this.#pending.delete(xid)
  }
}
