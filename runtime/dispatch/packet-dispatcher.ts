import type { State } from '../../db/state/types.ts'
import type { Logger } from '../log.ts'
import { copyBytes } from './copy-bytes.ts'
import { EffectApplier, type EffectHooks } from './effect-applier.ts'
import { warmEncoder } from './encode-actions.ts'
import type { FunctionFailures } from './function-failures.ts'
import type { FunctionRegistry } from './function-registry.ts'
import type { HeldPacket } from './held-packets.ts'
import { packetLimits } from './limits.ts'
import { Memory } from './memory.ts'
import { noOutcomes } from './outcomes.ts'
import { PacketBatch } from './packet-batch.ts'
import { type Commit, PacketCommits } from './packet-commits.ts'
import { openView, PacketInView } from './packet-in-view.ts'
import { PacketLane, type PacketSession, unsentOutcome } from './packet-lane.ts'
import type { Remainder } from './packet-scratch.ts'
import { Turns } from './turns.ts'

export interface PacketDispatcherOptions {
  readonly registry: FunctionRegistry
  readonly failures: FunctionFailures
  /** The newest state. */
  readonly state: () => State
  readonly commit: Commit
  /** Shared with the other dispatchers; default: its own. */
  readonly memory?: Memory
  readonly log: Logger
  readonly hooks?: EffectHooks
}

/** PACKET_INs that nothing serves are named in the log at most once in this time. */
const unservedLogMs = 10_000
/** How often it is looked for packets that were held for too long. */
const heldCheckMs = 100

/**
 * Serves PACKET_INs on the host thread. What a socket brings is answered at once, in one write a batch, as long as its
 * turn lasts; then the rest waits in the datapath's fair queue, and the others have their turns.
 */
export class PacketDispatcher {
  /** Events that belong to no function, by outcome. */
  readonly counts = noOutcomes()
  readonly #options: PacketDispatcherOptions
  readonly #batch: PacketBatch
  readonly #applier: EffectApplier
  readonly #commits: PacketCommits
  readonly #peek = new PacketInView()
  readonly #lanes = new Set<PacketLane>()
  /** Whose PACKET_INs are in the batch. */
  #lane: PacketLane | undefined
  readonly #turns = new Turns((lane) => this.#serveBacklog(lane))
  #heldTimer: ReturnType<typeof setInterval> | undefined
  /** In ms of `performance.now()`. */
  #unservedNamed = Number.NEGATIVE_INFINITY

  constructor(options: PacketDispatcherOptions) {
    this.#options = options
    warmEncoder()
    const { failures, registry, memory = new Memory() } = options
    this.#applier = new EffectApplier(options.log, memory, {
      ...options.hooks,
      runAgain: (lane, packets) => this.#runAgain(lane, packets),
    })
    this.#batch = new PacketBatch(registry.puntTable, memory, {
      remainder: (remainder) => this.#remainder(this.#lane!, remainder),
      failed: (version, outcome, error) => failures.failed(version, outcome, error),
      unserved: (puntCode) => this.#unserved(puntCode),
    })
    this.#commits = new PacketCommits({
      state: options.state,
      memory,
      commit: options.commit,
      finished: (lane, remainder) => this.#finished(lane, remainder),
      failed: (version, outcome, error) => failures.failed(version, outcome, error),
      faulted: (error) => this.#faulted(1, error),
    })
  }

  /** Serves a switch's PACKET_INs from now on. What is returned ends that: the switch is gone, and what waits with it. */
  attach(session: PacketSession): () => void {
    const lane = new PacketLane(session)
    this.#lanes.add(lane)
    session.onPacketIn(
      (bytes, offset, end) => {
        if (lane.turnOver || lane.backlog.length > 0 || lane.closed) this.#wait(lane, bytes, offset, end)
        else this.#add(lane, bytes, offset, end)
      },
      () => this.#endTurn(lane),
    )
    return () => this.#close(lane)
  }

  close() {
    for (const lane of [...this.#lanes]) this.#close(lane)
    this.#turns.close()
    clearInterval(this.#heldTimer)
  }

  #add(lane: PacketLane, bytes: Uint8Array, offset: number, end: number) {
    const batch = this.#batch
    if (this.#lane !== lane) this.#take(lane)
    if (batch.count === 0 && lane.turnEnds === 0) lane.turnEnds = performance.now() + packetLimits.turnTimeMs
    batch.add(bytes, offset, end)
    if (batch.full) this.#run(lane)
  }

  /** The batch is this lane's from now on. What another has left in it, since its connection ended halfway, is gone. */
  #take(lane: PacketLane) {
    this.counts.switchGone += this.#batch.count
    this.#batch.abandon()
    this.#lane = lane
  }

  #endTurn(lane: PacketLane) {
    if (this.#batch.count > 0 && this.#lane === lane) this.#run(lane)
    lane.turnEnds = 0
    lane.turnOver = false
    if (lane.backlog.length > 0) this.#turns.plan(lane)
  }

  /** Runs the batch and writes its answers; what the turn's time did not suffice for waits. */
  #run(lane: PacketLane) {
    const batch = this.#batch
    const { session } = lane
    const now = Date.now()
    do {
      this.#runBatch(lane, now)
      if (batch.out.length > 0 && !session.packetOut(batch.out.bytes, 0, batch.out.length))
        this.counts[unsentOutcome(session)] += batch.out.count
      batch.out.reset()
      lane.turnOver = performance.now() > lane.turnEnds
    } while (batch.count > 0 && !lane.turnOver)
    if (batch.count > 0) batch.takeRest((bytes, offset, end) => this.#wait(lane, bytes, offset, end))
  }

  /** What goes wrong outside of functions is our own fault, and costs what is in hand; the host goes on. */
  #runBatch(lane: PacketLane, now: number) {
    try {
      this.#batch.run(lane.session.dpid, this.#options.state(), now, lane.turnEnds)
    } catch (error) {
      this.#faulted(this.#batch.count, error)
      this.#batch.abandon()
    }
  }

  #faulted(packets: number, error: unknown) {
    this.counts.exception += packets
    this.#options.log.error('packets were lost by a fault of the dispatcher', { packets, error: `${error}` })
  }

  /** Counted, and named in the log once in a while. */
  #unserved(puntCode: number) {
    this.counts.noFunction++
    const now = performance.now()
    if (now < this.#unservedNamed + unservedLogMs) return
    this.#unservedNamed = now
    const what = puntCode === -1 ? 'a malformed PACKET_IN' : 'no function serves a punt point'
    this.#options.log.warn(what, { punt_point: puntCode, dpid: this.#lane?.session.dpid })
  }

  /** Puts a copy into the backlog, unless the switch is no longer served. */
  #wait(lane: PacketLane, bytes: Uint8Array, offset: number, end: number) {
    if (lane.closed) return void this.counts.switchGone++
    if (!openView(this.#peek, lane.session.dpid, bytes, offset, end)) return void this.counts.noFunction++
    const shed = lane.backlog.push(this.#peek.inPort, copyBytes(bytes, offset, end))
    for (const message of shed) this.#countUnrun(message, 'loadShed')
  }

  #countUnrun(message: Uint8Array, outcome: 'loadShed' | 'switchGone') {
    openView(this.#peek, '', message, 0, message.length)
    const version = this.#options.registry.puntTable.get(this.#peek.puntCode)?.current
    if (version === undefined) this.counts[outcome]++
    else if (outcome === 'loadShed') this.#options.failures.shed(version)
    else version.counts[outcome]++
  }

  /** One turn for a datapath whose PACKET_INs wait. */
  #serveBacklog(lane: PacketLane) {
    const began = performance.now()
    lane.turnEnds = began + packetLimits.turnTimeMs
    lane.turnOver = false
    do {
      if (this.#lane !== lane) this.#take(lane)
      const batch = lane.serviceBatch
      for (let count = 0; count < batch && lane.backlog.length > 0; count++) {
        const message = lane.backlog.shift()!
        this.#batch.add(message, 0, message.length)
      }
      this.#runAll(lane)
      // Half as many after a slow batch, twice as many after a quick one.
      lane.serviceBatch = Math.max(1, Math.min(packetLimits.batchMax, lane.turnOver ? batch >> 1 : batch * 2))
    } while (lane.backlog.length > 0 && !lane.turnOver)
    lane.turnEnds = 0
    lane.turnOver = false
  }

  /** Like `#run`, but nothing goes back into the queue: it would lose its place. */
  #runAll(lane: PacketLane) {
    const ends = lane.turnEnds
    lane.turnEnds = Number.POSITIVE_INFINITY
    this.#run(lane)
    lane.turnEnds = ends
    lane.turnOver = performance.now() > ends
  }

  #remainder(lane: PacketLane, remainder: Remainder) {
    if (remainder.pending === undefined) this.#finished(lane, remainder)
    else this.#commits.start(lane, remainder)
  }

  #finished(lane: PacketLane, { version, effects, message, out }: Remainder) {
    if (lane.closed) version.counts.switchGone++
    else if (out !== undefined && out.length > 0 && !lane.session.packetOut(out.bytes, 0, out.length))
      version.counts[unsentOutcome(lane.session)]++
    this.#applier.apply(version, effects, lane.closed ? undefined : lane, message)
    if (lane.held.count > 0) this.#heldTimer ??= this.#startHeldTimer()
  }

  /** They wait like packets that came just now, each in the queue of its port. */
  #runAgain(lane: PacketLane, packets: readonly HeldPacket[]) {
    if (packets.length === 0 || lane.closed) return
    for (const { message, inPort } of packets)
      for (const shed of lane.backlog.push(inPort, message)) this.#countUnrun(shed, 'loadShed')
    this.#turns.plan(lane)
  }

  #startHeldTimer() {
    const timer = setInterval(() => {
      const now = performance.now()
      let left = 0
      for (const lane of this.#lanes) {
        const expired = lane.held.expire(now)
        this.counts.loadShed += expired.filter(({ again }) => !again).length
        this.#runAgain(
          lane,
          expired.filter(({ again }) => again),
        )
        left += lane.held.count
      }
      if (left > 0) return
      clearInterval(timer)
      this.#heldTimer = undefined
    }, heldCheckMs)
    timer.unref()
    return timer
  }

  #close(lane: PacketLane) {
    if (lane.closed) return
    lane.closed = true
    this.#lanes.delete(lane)
    for (let message = lane.backlog.shift(); message !== undefined; message = lane.backlog.shift())
      this.#countUnrun(message, 'switchGone')
  }
}
