import type { State } from '../../db/state/types.ts'
import type { Logger } from '../log.ts'
import type { TaskFunction } from '../openvnet/define.ts'
import type { LoadedVersion } from './active-function.ts'
import { EffectApplier } from './effect-applier.ts'
import type { FunctionFailures } from './function-failures.ts'
import type { FunctionRegistry } from './function-registry.ts'
import { taskLimits } from './limits.ts'
import type { Memory } from './memory.ts'
import { type PacketSession, unsentOutcome } from './packet-lane.ts'
import { SharedExchanges } from './shared-exchanges.ts'
import { runStep, type TaskVersion } from './task-run.ts'
import type { Exchange } from './udp-exchange.ts'

/** Who called a task. */
export interface CallSource {
  /** The switch that the task's packet-outs go to; null: it has none. */
  readonly dpid: string | null
  /** Who shares a limit: a port of a switch, or a function. */
  readonly caller: string
}

export interface TaskDispatcherOptions {
  readonly registry: FunctionRegistry
  readonly failures: FunctionFailures
  /** The newest state. */
  readonly state: () => State
  readonly memory: Memory
  /** Where packet-outs go. Null: the switch is not connected. */
  readonly session: (dpid: string) => Pick<PacketSession, 'packetOut' | 'endedBy'> | null
  readonly log: Logger
}

/** One that waits for its exchange; it ends with the version that it began with. */
interface Task {
  readonly version: TaskVersion
  readonly source: CallSource
  exchanges: number
  cancel: () => void
}

const isTask = (version: LoadedVersion | undefined): version is LoadedVersion<TaskFunction> =>
  version?.definition.kind === 'task'

/** Runs tasks: each step is a guarded call, and between steps only the host waits, for so many of each caller. */
export class TaskDispatcher {
  readonly #options: TaskDispatcherOptions
  readonly #applier: EffectApplier
  readonly #waiting = new Set<Task>()
  readonly #exchanges = new SharedExchanges()
  readonly #perCaller = new Map<string, number>()

  constructor(options: TaskDispatcherOptions) {
    this.#options = options
    const { log, memory } = options
    // Without calls: a task that called itself would never end.
    this.#applier = new EffectApplier(log, memory, { session: options.session })
  }

  /** Tasks that wait for an exchange. */
  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Starts a task. False: nothing serves the name. Where the caller has too many waiting, it is shed; where all have, one
   * of the caller that has most.
   */
  call(name: string, payload: string, source: CallSource): boolean {
    const version = this.#options.registry.slot(`tasks/${name}`)?.current
    if (!isTask(version)) return false
    const ofCaller = this.#perCaller.get(source.caller) ?? 0
    if (ofCaller >= taskLimits.waitingPerCallerMax || !this.#hasRoom(ofCaller))
      this.#options.failures.shed(version)
    else this.#safely({ version, source, exchanges: 0, cancel() {} }, payload, null)
    return true
  }

  close() {
    for (const { cancel } of this.#waiting) cancel()
    this.#waiting.clear()
    this.#perCaller.clear()
  }

  /** For one more of a caller that has so many: whoever has most makes room, if it keeps no fewer than this one gets. */
  #hasRoom(ofCaller: number): boolean {
    if (this.#waiting.size < taskLimits.waitingMax) return true
    let [most, loudest] = [0, '']
    for (const [caller, count] of this.#perCaller) if (count > most) [most, loudest] = [count, caller]
    if (most <= ofCaller + 1) return false
    for (const task of this.#waiting) {
      if (task.source.caller !== loudest) continue
      task.cancel()
      this.#add(task, -1)
      this.#options.failures.shed(task.version)
      return true
    }
    return false
  }

  /** What goes wrong outside of functions is our own fault, and costs the task; the host goes on. */
  #safely(task: Task, payload: string, answer: Uint8Array | null) {
    try {
      this.#step(task, payload, answer)
    } catch (error) {
      task.version.counts.exception++
      const fields = { function: task.version.id, error: `${error}` }
      this.#options.log.error('a task was lost by a fault of the dispatcher', fields)
    }
  }

  #step(task: Task, payload: string, answer: Uint8Array | null) {
    const { version, exchanges, source } = task
    const { state, memory, failures } = this.#options
    const step = { payload: JSON.parse(payload) as unknown, answer, exchanges }
    const run = runStep(version, step, state(), memory)
    if (!run.ok) return failures.failed(version, run.outcome, run.error)
    version.counts.ok++
    const { out } = run
    const session = source.dpid === null ? null : this.#options.session(source.dpid)
    if (out.length > 0 && session?.packetOut(out.bytes, 0, out.length) !== true)
      version.counts[unsentOutcome(session)]++
    this.#applier.apply(version, run.effects)
    if (run.exchange !== undefined) this.#wait(task, run.exchange)
  }

  #wait(task: Task, exchange: Exchange) {
    this.#add(task, 1)
    task.exchanges++
    try {
      task.cancel = this.#exchanges.begin(exchange, (answer) => {
        this.#add(task, -1)
        this.#safely(task, exchange.payload, answer)
      })
    } catch (error) {
      this.#add(task, -1)
      throw error
    }
  }

  #add(task: Task, count: 1 | -1) {
    const { caller } = task.source
    if (count === 1) this.#waiting.add(task)
    else this.#waiting.delete(task)
    const left = (this.#perCaller.get(caller) ?? 0) + count
    if (left > 0) this.#perCaller.set(caller, left)
    else this.#perCaller.delete(caller)
  }
}
