/** One body on its way. */
export interface Arrival {
  /** Another has taken its place: what came of it is forgotten. */
  displaced: boolean
  bytes: number
  readonly stop: () => void
}

/**
 * The bodies that are on their way, of which there is a limited number with a limited size. Whoever comes when they are
 * full is let in, and the one of which nothing has come for the longest makes room: slow clients are in each other's way,
 * and in nobody else's.
 */
export class ArrivingBodies {
  /** In the order in which something came of them. */
  private readonly arrivals = new Set<Arrival>()
  private bytes = 0
  private readonly countMax: number
  private readonly bytesMax: number

  constructor(countMax: number, bytesMax: number) {
    this.countMax = countMax
    this.bytesMax = bytesMax
  }

  get count(): number {
    return this.arrivals.size
  }

  /** `stop` is called when it is displaced. */
  begin(stop: () => void): Arrival {
    const arrival = { displaced: false, bytes: 0, stop }
    this.arrivals.add(arrival)
    this.makeRoom()
    return arrival
  }

  grow(arrival: Arrival, bytes: number): void {
    if (arrival.displaced) return
    arrival.bytes += bytes
    this.bytes += bytes
    this.arrivals.delete(arrival)
    this.arrivals.add(arrival)
    this.makeRoom()
  }

  /** It has arrived, or will not. */
  end(arrival: Arrival): void {
    if (this.arrivals.delete(arrival)) this.bytes -= arrival.bytes
  }

  private makeRoom(): void {
    for (const slowest of this.arrivals) {
      if (this.arrivals.size <= this.countMax && this.bytes <= this.bytesMax) return
      this.end(slowest)
      slowest.displaced = true
      slowest.stop()
    }
  }
}
