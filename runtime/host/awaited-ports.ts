/**
 * Tunnel ports that Open vSwitch is still making. Without their flows nothing reaches the peers behind them, so that a
 * revision counts as applied only with them; but not for ever, since a port can be refused.
 */

/** Open vSwitch makes a port within a few milliseconds; one that is not there by then has its alarm. */
const patienceMs = 2_000

export interface AwaitedPortsOptions {
  /** The names of the ports that are still to come at this datapath. */
  readonly missing: (datapathId: number) => readonly string[]
  /** Ports of it are not waited for any more. */
  readonly onGivenUp: (datapathId: number) => void
}

/** Ports that were found missing at once, and have one timer. */
interface Wait {
  readonly names: Set<string>
  readonly timer: ReturnType<typeof setTimeout>
  givenUp: boolean
}

export class AwaitedPorts {
  readonly #options: AwaitedPortsOptions
  /** By name: a port that is refused for good must not keep others from being waited for. */
  readonly #waits = new Map<number, Set<Wait>>()

  constructor(options: AwaitedPortsOptions) {
    this.#options = options
  }

  /** Whether all ports are there, or have been waited for long enough. */
  isComplete(datapathId: number): boolean {
    const missing = new Set(this.#options.missing(datapathId))
    const waits = this.#waits.get(datapathId) ?? new Set()
    for (const wait of waits) {
      for (const name of wait.names) {
        if (missing.has(name)) missing.delete(name)
        else wait.names.delete(name)
      }
      if (wait.names.size > 0) continue
      clearTimeout(wait.timer)
      waits.delete(wait)
    }
    // Nobody waits yet for those that are left.
    if (missing.size > 0) waits.add(this.#begin(datapathId, missing))
    if (waits.size === 0) this.#waits.delete(datapathId)
    else this.#waits.set(datapathId, waits)
    return [...waits].every(({ givenUp }) => givenUp)
  }

  close(): void {
    for (const waits of this.#waits.values()) for (const { timer } of waits) clearTimeout(timer)
    this.#waits.clear()
  }

  #begin(datapathId: number, names: Set<string>): Wait {
    const timer = setTimeout(() => {
      wait.givenUp = true
      this.#options.onGivenUp(datapathId)
    }, patienceMs)
    const wait: Wait = { names, timer, givenUp: false }
    return wait
  }
}
