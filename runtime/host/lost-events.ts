/** Events of switches that were lost: what they said is found out anew, by having all ports of the switch told again. */
import type { Logger } from '../log.ts'

/** From events that were lost to the ports being told again; doubled each time that this loses events too. */
const pauseMinMs = 1_000
const pauseMaxMs = 60_000

interface Loss {
  pauseMs: number
  /** When the ports were told again, in ms of `performance.now()`. */
  toldMs: number
  waiting: boolean
}

export class LostEvents {
  readonly #losses = new Map<string, Loss>()
  readonly #log: Logger
  readonly #tellPorts: (dpid: string) => void
  readonly #pauseMinMs: number
  #closed = false

  constructor(log: Logger, tellPorts: (dpid: string) => void, pauseMin = pauseMinMs) {
    this.#log = log
    this.#tellPorts = tellPorts
    this.#pauseMinMs = pauseMin
  }

  /** An event of this datapath is lost. For all that are lost meanwhile the ports are told once. */
  lost(dpid: string): void {
    const loss = this.#losses.get(dpid)
    if (this.#closed || loss?.waiting) return
    const again = loss !== undefined && performance.now() - loss.toldMs < loss.pauseMs
    const pauseMs = again ? Math.min(loss.pauseMs * 2, pauseMaxMs) : this.#pauseMinMs
    this.#losses.set(dpid, { pauseMs, toldMs: 0, waiting: true })
    this.#log.warn('events of a switch were lost; its ports are told again', { dpid, pause_ms: pauseMs })
    setTimeout(() => this.#tell(dpid, pauseMs), pauseMs).unref()
  }

  close(): void {
    this.#closed = true
  }

  #tell(dpid: string, pauseMs: number): void {
    this.#losses.set(dpid, { pauseMs, toldMs: performance.now(), waiting: false })
    if (!this.#closed) this.#tellPorts(dpid)
  }
}
