import type { State } from '../../db/state/types.ts'
import type { CommitResult, Job } from '../../db/store/protocol.ts'
import type { PacketFunction } from '../openvnet/define.ts'
import { describe } from '../problem.ts'
import { FunctionSlot } from './active-function.ts'
import { copyBytes } from './copy-bytes.ts'
import { eventLimits, packetLimits } from './limits.ts'
import type { Memory } from './memory.ts'
import type { Outcome } from './outcomes.ts'
import { PacketBatch, type PacketVersion } from './packet-batch.ts'
import { type PacketLane, unsentOutcome } from './packet-lane.ts'
import type { Remainder } from './packet-scratch.ts'

/** Commits writes if nothing of what was read has changed; the state holds the changes when the answer comes. */
export type Commit = (job: Job) => Promise<CommitResult>

export interface PacketCommitsOptions {
  readonly state: () => State
  readonly memory: Memory
  readonly commit: Commit
  /** The writes are durable, or a newer run had none: packet-outs and effects may follow. */
  finished(lane: PacketLane, remainder: Remainder): void
  failed(version: PacketVersion, outcome: Outcome, error: unknown): void
  /** A fault of ours cost an event. */
  faulted(error: unknown): void
}

/** Commits what packet functions wrote, before anything else of theirs leaves; runs them again when they read old state. */
export class PacketCommits {
  readonly #options: PacketCommitsOptions
  readonly #pinned = new FunctionSlot<PacketFunction>('pinned')
  readonly #again: PacketBatch
  #rerun: Remainder | undefined
  /** The last of those who run in turn; as many wait as lanes let in. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: PacketCommitsOptions) {
    this.#options = options
    const pinned = this.#pinned
    // A run that was begun by one version ends with it, whichever is active by then.
    const table = { get: () => pinned } as unknown as ReadonlyMap<number, FunctionSlot<PacketFunction>>
    this.#again = new PacketBatch(table, options.memory, {
      remainder: (remainder) => void (this.#rerun = remainder),
      failed: options.failed,
      unserved() {},
    })
  }

  /** Takes the remainder of an event that wrote. Its bytes are copied. */
  start(lane: PacketLane, remainder: Remainder) {
    if (lane.committing >= packetLimits.commitsPendingMax) return void remainder.version.counts.loadShed++
    lane.committing++
    const { bytes, offset, end } = remainder.message
    const copy = copyBytes(bytes, offset, end)
    const kept = { ...remainder, message: { bytes: copy, offset: 0, end: copy.length } }
    void this.#commit(lane, kept)
      .catch((error) => this.#options.faulted(error))
      .finally(() => lane.committing--)
  }

  /** Who has lost twice goes on in turn with others who have: so a crowd that wants the same gets through, one by one. */
  async #commit(lane: PacketLane, first: Remainder) {
    const lost = await this.#attempts(lane, first, packetLimits.conflictRunsFreeMax)
    if (lost === undefined) return
    const turn = this.#turn.then(() => this.#insist(lane, lost))
    this.#turn = turn.catch(() => {})
    await turn
  }

  async #insist(lane: PacketLane, lost: Remainder) {
    const again = this.#runAgain(lane, lost)
    if (again === undefined) return
    if ((await this.#attempts(lane, again, eventLimits.conflictRunsMax)) !== undefined)
      again.version.counts.loadShed++
  }

  /** Answers what is left to do where others kept changing what the event had read; undefined: it is over. */
  async #attempts(lane: PacketLane, first: Remainder, runsMax: number): Promise<Remainder | undefined> {
    let remainder = first
    for (let run = 1; ; run++) {
      if (remainder.pending === undefined) return void this.#options.finished(lane, remainder)
      const { draft, writes, reads } = remainder.pending
      const answer = await this.#options.commit({ writes, reads, revision: draft.revision })
      if (answer.ok) {
        remainder.version.counts.ok++
        return void this.#options.finished(lane, remainder)
      }
      if (answer.kind === 'constraint')
        return void this.#options.failed(remainder.version, 'invalidEffects', describe(answer.problem))
      if (answer.kind === 'unavailable') return void remainder.version.counts.loadShed++
      if (run === runsMax) return remainder
      const again = this.#runAgain(lane, remainder)
      if (again === undefined) return
      remainder = again
    }
  }

  /** undefined: it failed, or asked for nothing but packet-outs, which have left. */
  #runAgain(lane: PacketLane, { version, message }: Remainder): Remainder | undefined {
    this.#rerun = undefined
    this.#pinned.current = version
    const batch = this.#again
    batch.add(message.bytes, message.offset, message.end)
    try {
      batch.run(lane.session.dpid, this.#options.state(), Date.now())
      const { out } = batch
      if (out.length > 0 && !lane.session.packetOut(out.bytes, 0, out.length))
        version.counts[unsentOutcome(lane.session)]++
    } finally {
      this.#pinned.current = undefined
      batch.abandon()
    }
    return this.#rerun
  }
}
