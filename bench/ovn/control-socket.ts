/** The control socket of a daemon of Open vSwitch or OVN, as `ovs-appctl` speaks to it, without a process for each command. */
import { connect, type Socket } from 'node:net'
import { JsonFrames } from '../../runtime/ovsdb/json-frames.ts'

interface Reply {
  readonly id: number
  readonly result: unknown
  readonly error: unknown
}

interface Waiting {
  resolve(text: string): void
  reject(error: Error): void
}

export class ControlSocket {
  readonly #socket: Socket
  readonly #waiting = new Map<number, Waiting>()
  #next = 0

  constructor(path: string) {
    const frames = new JsonFrames()
    this.#socket = connect({ path })
    this.#socket.on(
      'data',
      (chunk: Uint8Array) => void frames.push(chunk, (message) => this.#answer(message)),
    )
    this.#socket.on('error', (error) => this.#end(error))
    this.#socket.on('close', () => this.#end(new Error(`${path}: closed`)))
  }

  /** Resolves to what the daemon answers; throws with its error text. */
  call(method: string, ...params: string[]): Promise<string> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#socket.write(JSON.stringify({ id, method, params }))
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #answer(message: Record<string, unknown>): void {
    const { id, result, error } = message as unknown as Reply
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (error === null) waiting?.resolve(`${result ?? ''}`)
    else waiting?.reject(new Error(`${error}`))
  }

  #end(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error)
    this.#waiting.clear()
  }
}
