import type { PacketLane } from './packet-lane.ts'

/** Gives datapaths whose PACKET_INs wait one turn after the other, with sockets and timers in between. */
export class Turns {
  readonly #serve: (lane: PacketLane) => void
  readonly #waiting: PacketLane[] = []
  #planned: ReturnType<typeof setImmediate> | undefined

  /** @param serve serves a lane for one turn */
  constructor(serve: (lane: PacketLane) => void) {
    this.#serve = serve
  }

  /** The lane gets turns until nothing of it waits. */
  plan(lane: PacketLane) {
    if (!this.#waiting.includes(lane)) this.#waiting.push(lane)
    this.#planned ??= setImmediate(() => this.#next())
  }

  close() {
    if (this.#planned !== undefined) clearImmediate(this.#planned)
    this.#waiting.length = 0
  }

  #next() {
    this.#planned = undefined
    const lane = this.#waiting.shift()
    if (lane === undefined) return
    if (!lane.closed && lane.backlog.length > 0) this.#serve(lane)
    if (!lane.closed && lane.backlog.length > 0) this.#waiting.push(lane)
    if (this.#waiting.length > 0) this.#planned ??= setImmediate(() => this.#next())
  }
}
