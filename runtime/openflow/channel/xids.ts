/** Transaction ids of one connection: never 0, never one that is in use, also after 2^32 messages. */

const xidCount = 2 ** 32

export class Xids {
  #next: number
  readonly #inUse: (xid: number) => boolean

  constructor(inUse: (xid: number) => boolean, first = 1) {
    this.#inUse = inUse
    this.#next = first
  }

  next(): number {
    return this.block(1)
  }

  /** `count` consecutive ids, none in use, that do not wrap. Returns the first. */
  block(count: number): number {
    // Each round that fails moves past an id in use, and the number of those is limited.
    for (let first = this.#fit(count); ; first = this.#fit(count)) {
      const taken = this.#lastInUse(first, count)
      this.#next = taken < 0 ? first + count : taken + 1
      if (taken < 0) return first
    }
  }

  #fit(count: number): number {
    return this.#next + count > xidCount ? 1 : this.#next
  }

  #lastInUse(first: number, count: number): number {
    for (let xid = first + count - 1; xid >= first; xid--) if (this.#inUse(xid)) return xid
    return -1
  }
}
