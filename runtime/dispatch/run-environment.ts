import { createDraft, type PendingDraft } from '../../db/state/draft.ts'
import type { Draft, State } from '../../db/state/types.ts'
import type { Remembered, SwitchReports } from '../openvnet/environment.ts'
import { InvalidEffect } from './effect-checks.ts'
import { eventLimits } from './limits.ts'
import { LineBuffer } from './line-buffer.ts'
import type { Memory } from './memory.ts'
import { nextRandom, randomStep } from './random.ts'

/** What a function of no packet gets; another one for each run. */
export class RunEnvironment<S extends State = State> {
  readonly state: S
  /** Milliseconds since 1970. */
  readonly now: number
  readonly lines = new LineBuffer()
  readonly log = this.lines.logger
  // Numbers that go out into the world must not be guessed: they begin anywhere.
  #seed = crypto.getRandomValues(new Int32Array(1))[0]!

  constructor(state: S, now: number) {
    this.state = state
    this.now = now
    Object.freeze(this)
  }

  random(): number {
    this.#seed = (this.#seed + randomStep) | 0
    return nextRandom(this.#seed)
  }
}

/** One that may write, if it wants to. */
class DraftingEnvironment extends RunEnvironment {
  #pending: PendingDraft | undefined

  draft(): Draft {
    this.#pending ??= createDraft(this.state, this.now)
    return this.#pending.draft
  }

  /** What was written, if anything. Throws InvalidEffect where that is too much. */
  written(): PendingDraft | undefined {
    return this.#pending !== undefined && checkedWrites(this.#pending) > 0 ? this.#pending : undefined
  }
}

/** One that may also ask how the switches are, and look up what is remembered. */
export class SchedulingEnvironment extends DraftingEnvironment {
  readonly #switches: SwitchReports
  readonly #memory: Memory

  constructor(state: State, now: number, switches: SwitchReports, memory: Memory) {
    super(state, now)
    this.#switches = switches
    this.#memory = memory
  }

  remembered(key: string): Remembered | undefined {
    return this.#memory.recall(key, this.now)
  }

  get switches(): SwitchReports {
    return this.#switches
  }
}

/** One that may look up what is remembered. */
export class RememberingEnvironment extends RunEnvironment {
  readonly #memory: Memory

  constructor(state: State, now: number, memory: Memory) {
    super(state, now)
    this.#memory = memory
  }

  remembered(key: string): Remembered | undefined {
    return this.#memory.recall(key, this.now)
  }
}

/** How many writes there are. Throws InvalidEffect where they are too many. */
export function checkedWrites({ writes }: PendingDraft): number {
  if (writes.length > eventLimits.eventWritesMax)
    throw new InvalidEffect(`${writes.length} writes, of at most ${eventLimits.eventWritesMax}`)
  return writes.length
}

for (const { prototype } of [
  RunEnvironment,
  DraftingEnvironment,
  SchedulingEnvironment,
  RememberingEnvironment,
])
  Object.freeze(prototype)
