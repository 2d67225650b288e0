/** A bare OpenFlow connection to a switch's socket: what it says, byte for byte. */
import { connect, type Socket } from 'node:net'
import { decode, encode, type Message } from '../index.ts'

const replyTimeMaxMs = 10_000

export class SwitchConnection {
  readonly #socket: Socket
  readonly received: Uint8Array[] = []
  #pending: Uint8Array = new Uint8Array(0)
  #woken = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (piece) => this.#take(piece as Uint8Array))
  }

  static async open(path: string): Promise<SwitchConnection> {
    const socket = connect(path)
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    const connection = new SwitchConnection(socket)
    connection.send({ version: 4, type: 'OFPT_HELLO', xid: 0, elements: [] })
    await connection.until((message) => message[1] === 0)
    return connection
  }

  send(message: Message): void {
    this.#socket.write(encode(message))
  }

  /** Sends messages and a barrier; resolves to everything that comes before the barrier's answer. */
  async exchange(messages: readonly Message[]): Promise<Uint8Array[]> {
    const from = this.received.length
    for (const message of messages) this.send(message)
    this.send({ version: 4, type: 'OFPT_BARRIER_REQUEST', xid: barrierXid })
    await this.until((message) => message[1] === 21, from)
    return this.received.slice(from).filter((message) => message[1] !== 21)
  }

  /** Waits until a message that holds has come, and returns it. */
  async until(holds: (message: Uint8Array) => boolean, from = 0): Promise<Uint8Array> {
    const deadline = Date.now() + replyTimeMaxMs
    for (;;) {
      const found = this.received.slice(from).find(holds)
      if (found) return found
      const left = deadline - Date.now()
      if (left <= 0) throw new Error(`not answered within ${replyTimeMaxMs} ms`)
      await Promise.race([new Promise<void>((resolve) => (this.#woken = resolve)), Bun.sleep(left)])
    }
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(piece: Uint8Array): void {
    const all = Buffer.concat([this.#pending, piece])
    let at = 0
    for (
      ;
      all.length - at >= 8 && all.length - at >= all.readUInt16BE(at + 2);
      at += all.readUInt16BE(at + 2)
    )
      this.received.push(new Uint8Array(all.subarray(at, at + all.readUInt16BE(at + 2))))
    this.#pending = new Uint8Array(all.subarray(at))
    this.#woken()
  }
}

const barrierXid = 0xbbbb

/** The value of a message that must be readable. */
export function messageOf(bytes: Uint8Array): Message {
  const result = decode(bytes)
  if (!result.ok) throw new Error(JSON.stringify(result.problem))
  return result.value
}
