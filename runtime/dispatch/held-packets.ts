import { packetLimits } from './limits.ts'

/** A packet that a function holds: its PACKET_IN, copied. */
export interface HeldPacket {
  readonly message: Uint8Array
  readonly expires: number
}

/** Packets of one datapath that wait for their release, by key; bounded in number, bytes and time. */
export class HeldPackets {
  readonly #byKey = new Map<string, HeldPacket[]>()
  #count = 0
  #bytes = 0

  get count(): number {
    return this.#count
  }

  /** False: there is no room. @param expires in ms, as `now` of `expire` */
  hold(key: string, message: Uint8Array, expires: number): boolean {
    if (
      this.#count >= packetLimits.heldPacketsMax ||
      this.#bytes + message.length > packetLimits.heldBytesMax
    )
      return false
    const list = this.#byKey.get(key)
    if (list === undefined) this.#byKey.set(key, [{ message, expires }])
    else list.push({ message, expires })
    this.#count++
    this.#bytes += message.length
    return true
  }

  /** Takes out all packets under a key. */
  take(key: string): readonly HeldPacket[] {
    const list = this.#byKey.get(key) ?? []
    this.#byKey.delete(key)
    this.#forget(list)
    return list
  }

  /** Forgets what was held for too long; returns how many those were. */
  expire(now: number): number {
    if (this.#count === 0) return 0
    const before = this.#count
    for (const [key, list] of this.#byKey) {
      const late = list.filter((packet) => packet.expires <= now)
      if (late.length === 0) continue
      this.#forget(late)
      if (late.length === list.length) this.#byKey.delete(key)
      else
        this.#byKey.set(
          key,
          list.filter((packet) => packet.expires > now),
        )
    }
    return before - this.#count
  }

  #forget(packets: readonly HeldPacket[]) {
    this.#count -= packets.length
    for (const { message } of packets) this.#bytes -= message.length
  }
}
