import type { PendingDraft } from '../../db/state/draft.ts'
import type { Draft } from '../../db/state/types.ts'
import type { EventEnvironment } from '../openvnet/environment.ts'
import { LineBuffer } from './line-buffer.ts'
import { nextRandom, randomStep } from './random.ts'

/** What an event function gets beside its event; another one for each run. */
export class EventRunEnvironment implements EventEnvironment {
  readonly state: Draft
  readonly now: number
  readonly lines = new LineBuffer()
  readonly log = this.lines.logger
  #seed: number

  constructor(pending: PendingDraft, now: number, seed: number) {
    this.state = pending.draft
    this.now = now
    this.#seed = seed
    Object.freeze(this)
  }

  random(): number {
    this.#seed = (this.#seed + randomStep) | 0
    return nextRandom(this.#seed)
  }
}
