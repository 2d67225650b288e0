import { packetLimits } from './limits.ts'

/** Messages of one port that wait, oldest first. */
class PortQueue {
  readonly port: number
  #messages: Uint8Array[] = []
  #head = 0
  /** Bytes that the port may still send in its turn. */
  credit = 0

  constructor(port: number) {
    this.port = port
  }

  get length(): number {
    return this.#messages.length - this.#head
  }

  get next(): Uint8Array | undefined {
    return this.#messages[this.#head]
  }

  push(message: Uint8Array) {
    this.#messages.push(message)
  }

  shift(): Uint8Array | undefined {
    const message = this.#messages[this.#head]
    this.#messages[this.#head++] = undefined as unknown as Uint8Array
    // Moving the rest to the front costs as much as the messages that have left: constant for each.
    if (this.#head > 32 && this.#head * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#head)
      this.#head = 0
    }
    return message
  }
}

/**
 * PACKET_INs that wait, served fairly by deficit round robin over the ports that they came in through (Shreedhar and
 * Varghese, 1995). Bounded in number and bytes: above it the oldest of the port that has most goes.
 */
export class FairQueue {
  readonly #ports = new Map<number, PortQueue>()
  /** Ports in the order of their turns; the first one's turn it is. */
  #turns: PortQueue[] = []
  #noisiest: PortQueue | undefined
  length = 0
  bytes = 0

  /** Takes the message (not a copy). Returns what had to go to make room, oldest first. */
  push(port: number, message: Uint8Array): Uint8Array[] {
    let queue = this.#ports.get(port)
    if (queue === undefined) {
      queue = new PortQueue(port)
      this.#ports.set(port, queue)
      this.#turns.push(queue)
    }
    queue.push(message)
    this.length++
    this.bytes += message.length
    if (this.#noisiest === undefined || queue.length > this.#noisiest.length) this.#noisiest = queue
    const shed: Uint8Array[] = []
    while (this.length > packetLimits.backlogMax || this.bytes > packetLimits.backlogBytesMax)
      shed.push(this.#shedOne())
    return shed
  }

  /** The next message in fair order; undefined: none waits. */
  shift(): Uint8Array | undefined {
    if (this.length === 0) return undefined
    for (;;) {
      const queue = this.#turns[0]!
      const next = queue.next!
      if (queue.credit < next.length) {
        queue.credit += packetLimits.quantumBytes
        this.#endTurn()
        continue
      }
      queue.credit -= next.length
      this.#take(queue)
      return next
    }
  }

  /** Empties the queue; returns how many messages there were. */
  clear(): number {
    const count = this.length
    this.#ports.clear()
    this.#turns = []
    this.#noisiest = undefined
    this.length = this.bytes = 0
    return count
  }

  #endTurn() {
    if (this.#turns.length > 1) this.#turns.push(this.#turns.shift()!)
  }

  #take(queue: PortQueue): Uint8Array {
    const message = queue.shift()!
    this.length--
    this.bytes -= message.length
    if (queue.length === 0) this.#forget(queue)
    return message
  }

  #forget(queue: PortQueue) {
    this.#ports.delete(queue.port)
    const at = this.#turns.indexOf(queue)
    this.#turns.splice(at, 1)
    if (this.#noisiest === queue) this.#noisiest = undefined
  }

  /**
   * The noisiest is remembered while it has twice the average, so a flood of one port among many costs no search.
   */
  #shedOne(): Uint8Array {
    const average = this.length / this.#ports.size
    if (this.#noisiest === undefined || this.#noisiest.length < 2 * average) this.#noisiest = this.#longest()
    return this.#take(this.#noisiest)
  }

  #longest(): PortQueue {
    let longest = this.#turns[0]!
    for (const queue of this.#turns) if (queue.length > longest.length) longest = queue
    return longest
  }
}
