import type { State } from '../../db/state/types.ts'
import type { PacketFunction } from '../openvnet/define.ts'
import type { HandlerResult } from '../openvnet/effects.ts'
import type { FunctionSlot, LoadedVersion } from './active-function.ts'
import { outcomeOfThrown } from './effect-checks.ts'
import { readEffects } from './effect-reader.ts'
import { runGuarded } from './guard.ts'
import { eventLimits, packetLimits } from './limits.ts'
import type { Memory } from './memory.ts'
import type { Outcome } from './outcomes.ts'
import { PacketRunEnvironment } from './packet-environment.ts'
import { openView, PacketInView } from './packet-in-view.ts'
import { PacketOutBuffer } from './packet-out-buffer.ts'
import { PacketScratch, type Remainder } from './packet-scratch.ts'
import { threadTimeMs } from './thread-time.ts'

export type PacketVersion = LoadedVersion<PacketFunction>
/** Which function serves a punt point, by the point's code. */
export type PuntTable = ReadonlyMap<number, FunctionSlot<PacketFunction>>

/** Told after each guarded call, outside the guard. */
export interface BatchListener {
  remainder(remainder: Remainder): void
  failed(version: PacketVersion, outcome: Outcome, error: unknown): void
  /** Nothing serves the punt point; -1: the message is malformed. */
  unserved(puntCode: number): void
}

const capacityBytes = 64 << 10
/** Above `outFullBytes` a batch ends early, so that one more event always fits. */
const outBytesMax = 8 << 20
const outFullBytes = outBytesMax - 2 * eventLimits.packetOutBytesMax
/** The clock is read once in so many events at most, since reading it costs as much as a small function. */
const strideMax = 16
/** After every event, as soon as so much of a batch's time has passed. */
const slowMs = 0.1

/** Runs PACKET_INs of one datapath through their functions, many in one guarded call. */
export class PacketBatch {
  /** What leaves at once, after `run`. */
  readonly out = new PacketOutBuffer(capacityBytes, outBytesMax)
  count = 0
  readonly #bytes: Uint8Array[] = new Array(packetLimits.batchMax)
  // Integers: a double would make every offset that follows from it one, and each access by it a call.
  readonly #offsets = new Int32Array(packetLimits.batchMax)
  readonly #ends = new Int32Array(packetLimits.batchMax)
  readonly #view = Object.freeze(new PacketInView()) as PacketInView
  readonly #env: PacketRunEnvironment
  readonly #scratch = new PacketScratch(this.out)
  readonly #table: PuntTable
  readonly #listener: BatchListener
  #dpid = ''
  #seed = 0
  /** The event that is to run by itself, since a time-out fell into it; -1: none. */
  #alone = -1
  #aloneTimeMs = 0
  /** CPU time of this thread when it began. */
  #aloneBegan: number | undefined

  constructor(table: PuntTable, memory: Memory, listener: BatchListener) {
    this.#env = new PacketRunEnvironment(memory)
    this.#table = table
    this.#listener = listener
  }

  get full(): boolean {
    return this.count === packetLimits.batchMax
  }

  /** The bytes must stay as they are until `run`. */
  add(bytes: Uint8Array, offset: number, end: number) {
    const at = this.count++
    this.#bytes[at] = bytes
    this.#offsets[at] = offset
    this.#ends[at] = end
  }

  /**
   * Runs what was added until `out` is full or the time is over; what `count` says is left then runs the next time.
   * @param now milliseconds since 1970, for the functions
   * @param deadline ms of `performance.now()`
   */
  run(dpid: string, state: State, now: number, deadline = Number.POSITIVE_INFINITY) {
    this.#dpid = dpid
    this.#seed = (Math.random() * 0x1_0000_0000) | 0
    this.#env.open(state, now)
    const scratch = this.#scratch
    scratch.finished = 0
    while (scratch.finished < this.count && this.out.length <= outFullBytes) {
      if (scratch.finished > 0 && performance.now() > deadline) break
      if (runGuarded(this.#loop, this.#alone === -1 ? eventLimits.packetTimeMs : this.#aloneTimeMs))
        this.#alone = -1
      else this.#timedOut()
      this.#settle()
    }
    this.#shift(scratch.finished)
  }

  /** The guarded code: from the first unfinished event on, until the batch's time is over. */
  readonly #loop = () => {
    const scratch = this.#scratch
    const last = this.#alone === -1 ? this.count : scratch.finished + 1
    const began = performance.now()
    let clock = began
    let stride = 1
    let next = scratch.finished
    for (let at = scratch.finished; at < last; at++) {
      this.#one(at)
      scratch.finished = at + 1
      if (at < next) continue
      const now = performance.now()
      if (now - began > packetLimits.batchTimeMs || this.out.length > outFullBytes) return
      if (stride === 1 || at % 64 === 0) scratch.version?.durations.add(((now - clock) * 1_000) / stride)
      clock = now
      stride = now - began > slowMs ? 1 : Math.min(stride * 2, strideMax)
      next = at + stride
    }
  }

  #one(at: number) {
    const view = this.#view
    const scratch = this.#scratch
    scratch.begin(at)
    if (!openView(view, this.#dpid, this.#bytes[at]!, this.#offsets[at]!, this.#ends[at]!))
      return void scratch.unserved.push(-1)
    const version = this.#table.get(view.puntCode)?.current
    scratch.version = version
    if (version === undefined) return void scratch.unserved.push(view.puntCode)
    this.#env.begin(this.#seed + at)
    try {
      this.#call(version, at)
    } catch (error) {
      scratch.takeBack()
      scratch.failures.push({
        version,
        outcome: outcomeOfThrown(error),
        error,
      })
    }
  }

  #call(version: PacketVersion, at: number) {
    const result = version.definition.handle(this.#view, this.#env)
    if (this.#env.used) return this.#keep(version, result, at)
    const scratch = this.#scratch
    if (result !== undefined) {
      readEffects(result, this.#view, this.out, scratch.others)
      scratch.checkPacketOuts()
      if (scratch.others.length > 0) return this.#keep(version, undefined, at)
    }
    version.counts.ok++
  }

  /** The event is not over with its packet-outs: it logged, wrote or asked for more. */
  #keep(version: PacketVersion, result: HandlerResult, at: number) {
    const scratch = this.#scratch
    const pending = this.#env.writes()
    const out = pending === undefined ? undefined : new PacketOutBuffer(1_024, eventLimits.packetOutBytesMax)
    if (result !== undefined) readEffects(result, this.#view, out ?? this.out, scratch.others)
    scratch.checkPacketOuts(out)
    const message = { bytes: this.#bytes[at]!, offset: this.#offsets[at]!, end: this.#ends[at]! }
    scratch.remainders.push({
      version,
      message,
      effects: [...this.#env.lines(), ...scratch.others],
      pending,
      out,
    })
    if (pending === undefined) version.counts.ok++
  }

  /**
   * A time-out fell into an event. It runs again, alone, since the time was the batch's. If it falls into it again, the
   * event's function is to blame, unless the thread was kept from running: then it gets longer, up to a point.
   */
  #timedOut() {
    const scratch = this.#scratch
    scratch.recover()
    if (this.#alone !== scratch.finished) this.#runAlone(eventLimits.packetTimeMs)
    else if (this.#aloneTimeMs < eventLimits.packetTimeStarvedMs && this.#wasStarved())
      this.#runAlone(this.#aloneTimeMs * 2)
    else {
      this.#alone = -1
      scratch.finished++
      if (scratch.version !== undefined)
        scratch.failures.push({ version: scratch.version, outcome: 'exceededTime', error: undefined })
    }
  }

  #runAlone(timeMs: number) {
    this.#alone = this.#scratch.finished
    this.#aloneTimeMs = timeMs
    this.#aloneBegan = threadTimeMs()
  }

  /** The event that ran alone has had less than half of its time on a CPU. */
  #wasStarved(): boolean {
    const now = threadTimeMs()
    if (now === undefined || this.#aloneBegan === undefined) return false
    return now - this.#aloneBegan < eventLimits.packetTimeMs / 2
  }

  #settle() {
    const { remainders, failures, unserved } = this.#scratch
    for (const remainder of remainders) this.#listener.remainder(remainder)
    for (const { version, outcome, error } of failures) this.#listener.failed(version, outcome, error)
    for (const puntCode of unserved) this.#listener.unserved(puntCode)
    this.#scratch.clear()
  }

  /** Forgets everything: what was added, and what came of it. */
  abandon() {
    this.#scratch.clear()
    this.out.recover()
    this.out.reset()
    this.#shift(this.count)
  }

  /** Hands out what is left, and forgets it. */
  takeRest(take: (bytes: Uint8Array, offset: number, end: number) => void) {
    for (let at = 0; at < this.count; at++) take(this.#bytes[at]!, this.#offsets[at]!, this.#ends[at]!)
    this.#shift(this.count)
  }

  #shift(finished: number) {
    const rest = this.count - finished
    this.#bytes.copyWithin(0, finished, this.count)
    this.#offsets.copyWithin(0, finished, this.count)
    this.#ends.copyWithin(0, finished, this.count)
    this.#bytes.fill(undefined as unknown as Uint8Array, rest, this.count)
    this.count = rest
  }
}
