/** Whether the peer of a connection still lives and still reads, from the time that passes and from what it does. */
import type { Problem } from '../../problem.ts'
import type { ChannelLimits } from './limits.ts'

/** `ask` for an echo, be content, or cut the connection for this reason. */
export type Verdict = 'fine' | 'ask' | Problem

/**
 * Time is given in portions by the caller, never read from a clock: when this process itself stood still (stopped, starved), the
 * time that it missed must not be held against the switches.
 */
export class Liveness {
  readonly #limits: ChannelLimits
  #silentMs = 0
  #asked = false
  #stalledMs = 0
  #sentBytes = 0
  #probeMs = Number.POSITIVE_INFINITY

  constructor(limits: ChannelLimits) {
    this.#limits = limits
  }

  /** Bytes have come. */
  heard() {
    this.#silentMs = 0
    this.#asked = false
    this.#probeMs = Number.POSITIVE_INFINITY
  }

  /** From now the peer has `ms` to say something. */
  probe(ms: number) {
    if (this.#probeMs === Number.POSITIVE_INFINITY) this.#probeMs = ms
  }

  /** `elapsedMs` have passed; `pendingBytes` wait to be sent and `sentBytes` were taken so far; `paused`: we do not read. */
  tick(elapsedMs: number, pendingBytes: number, sentBytes: number, paused: boolean): Verdict {
    const taken = sentBytes !== this.#sentBytes
    this.#sentBytes = sentBytes
    this.#stalledMs = pendingBytes === 0 || taken ? 0 : this.#stalledMs + elapsedMs
    if (this.#stalledMs >= this.#limits.stallTimeoutMs) {
      return {
        what: 'the peer does not read',
        where: 'output',
        received: `${pendingBytes} bytes unsent for ${this.#stalledMs} ms`,
      }
    }
    // Who is not read cannot be heard.
    return paused ? 'fine' : this.#silence(elapsedMs)
  }

  #silence(elapsedMs: number): Verdict {
    this.#silentMs += elapsedMs
    this.#probeMs -= elapsedMs
    if (this.#silentMs >= this.#limits.deadMs || this.#probeMs <= 0) {
      return { what: 'the peer does not answer', where: 'echo', received: `silence for ${this.#silentMs} ms` }
    }
    if (this.#asked || this.#silentMs < this.#limits.echoIntervalMs) return 'fine'
    this.#asked = true
    return 'ask'
  }
}
