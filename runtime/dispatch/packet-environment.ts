import { createDraft, type PendingDraft } from '../../db/state/draft.ts'
import type { Draft, State } from '../../db/state/types.ts'
import type { PacketEnvironment, Remembered } from '../openvnet/environment.ts'
import { InvalidEffect } from './effect-checks.ts'
import { eventLimits } from './limits.ts'
import { LineBuffer } from './line-buffer.ts'
import type { Memory } from './memory.ts'
import { nextRandom, randomStep } from './random.ts'

/** What a packet function gets beside its packet; one for all of a batch, begun anew for each event. */
export class PacketRunEnvironment implements PacketEnvironment {
  #state!: State
  #now = 0
  #seed = 0
  #pending: PendingDraft | undefined
  readonly #lines = new LineBuffer()
  readonly log = this.#lines.logger

  readonly #memory: Memory

  constructor(memory: Memory) {
    this.#memory = memory
    Object.freeze(this)
  }

  open(state: State, now: number) {
    this.#state = state
    this.#now = now
  }

  begin(seed: number) {
    this.#seed = seed
    this.#pending = undefined
    if (this.#lines.length > 0) this.#lines.clear()
  }

  get state(): State {
    return this.#state
  }

  get now(): number {
    return this.#now
  }

  draft(): Draft {
    this.#pending ??= createDraft(this.#state, this.#now)
    return this.#pending.draft
  }

  remembered(key: string): Remembered | undefined {
    return this.#memory.recall(key, this.#now)
  }

  random(): number {
    this.#seed = (this.#seed + randomStep) | 0
    return nextRandom(this.#seed)
  }

  /** The event did more than read its packet and the state. */
  get used(): boolean {
    return this.#pending !== undefined || this.#lines.length > 0
  }

  lines() {
    return this.#lines.take()
  }

  /** The event's writes, if it has any. Throws InvalidEffect where there are too many. */
  writes(): PendingDraft | undefined {
    const count = this.#pending?.writes.length ?? 0
    if (count > eventLimits.packetWritesMax)
      throw new InvalidEffect(`${count} writes, of at most ${eventLimits.packetWritesMax}`)
    return count > 0 ? this.#pending : undefined
  }
}
Object.freeze(PacketRunEnvironment.prototype)
