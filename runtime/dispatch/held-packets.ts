import { packetLimits } from './limits.ts'

/** A packet that a function holds: its PACKET_IN, copied. */
export interface HeldPacket {
  readonly message: Uint8Array
  readonly inPort: number
  readonly expires: number
  /** When its time is over its function has it once more, instead of nobody. */
  readonly again: boolean
}

/** Packets of one datapath that wait for their release, by key; bounded in number, of each port too, bytes and time. */
export class HeldPackets {
  readonly #byKey = new Map<string, HeldPacket[]>()
  readonly #perPort = new Map<number, number>()
  #count = 0
  #bytes = 0

  get count(): number {
    return this.#count
  }

  /** False: there is no room. `expires` is in ms, as `now` of `expire`. */
  hold(key: string, packet: HeldPacket): boolean {
    const { message, inPort } = packet
    const ofPort = this.#perPort.get(inPort) ?? 0
    if (
      this.#count >= packetLimits.heldPacketsMax ||
      ofPort >= packetLimits.heldPacketsPerPortMax ||
      this.#bytes + message.length > packetLimits.heldBytesMax
    )
      return false
    const list = this.#byKey.get(key)
    if (list === undefined) this.#byKey.set(key, [packet])
    else list.push(packet)
    this.#perPort.set(inPort, ofPort + 1)
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

  /** Takes out what was held for too long. */
  expire(now: number): readonly HeldPacket[] {
    if (this.#count === 0) return []
    const expired: HeldPacket[] = []
    for (const [key, list] of this.#byKey) {
      const late = list.filter((packet) => packet.expires <= now)
      if (late.length === 0) continue
      this.#forget(late)
      expired.push(...late)
      if (late.length === list.length) this.#byKey.delete(key)
      else
        this.#byKey.set(
          key,
          list.filter((packet) => packet.expires > now),
        )
    }
    return expired
  }

  #forget(packets: readonly HeldPacket[]) {
    this.#count -= packets.length
    for (const { message, inPort } of packets) {
      this.#bytes -= message.length
      const left = (this.#perPort.get(inPort) ?? 1) - 1
      if (left === 0) this.#perPort.delete(inPort)
      else this.#perPort.set(inPort, left)
    }
  }
}
