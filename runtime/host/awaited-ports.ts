/**
 * Tunnel ports that Open vSwitch is still making. Without their flows nothing reaches the peers behind them, so that a
 * revision counts as applied only with them; but not for ever, since a port can be refused.
 */

/** Open vSwitch makes a port within a few milliseconds; one that is not there by then has its alarm. */
const patienceMs = 2_000

export interface AwaitedPortsOptions {
  /** Whether a port is still to come at this datapath. */
  readonly missing: (datapathId: number) => boolean
  /** It is not waited for any more. */
  readonly onGivenUp: (datapathId: number) => void
}

interface Wait {
  readonly timer: ReturnType<typeof setTimeout>
  givenUp: boolean
}

export class AwaitedPorts {
  readonly #options: AwaitedPortsOptions
  readonly #waits = new Map<number, Wait>()

  constructor(options: AwaitedPortsOptions) {
    this.#options = options
  }

  /** Whether all ports are there, or have been waited for long enough. */
  isComplete(datapathId: number): boolean {
    const wait = this.#waits.get(datapathId)
    if (!this.#options.missing(datapathId)) {
      clearTimeout(wait?.timer)
      this.#waits.delete(datapathId)
      return true
    }
    if (wait === undefined) this.#begin(datapathId)
    return wait?.givenUp ?? false
  }

  close(): void {
    for (const { timer } of this.#waits.values()) clearTimeout(timer)
    this.#waits.clear()
  }

  #begin(datapathId: number): void {
    const timer = setTimeout(() => {
      wait.givenUp = true
      this.#options.onGivenUp(datapathId)
    }, patienceMs)
    const wait: Wait = { timer, givenUp: false }
    this.#waits.set(datapathId, wait)
  }
}
