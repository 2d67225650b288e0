/** A switch for tests: it speaks just enough OpenFlow 1.3 to be served, and misbehaves on demand. */
import { type Address, parseAddress } from './address.ts'
import { Framer } from './framer.ts'
import { messageTypes, putU16, putU32, rawMessage, typeAt, u16At, u32At, version13, xidAt } from './header.ts'
import type { TlsMaterial } from './tls.ts'

export interface FakeSwitchOptions {
  readonly datapathId?: bigint
  readonly auxiliaryId?: number
  /** The whole HELLO; without it one of version 1.3 without elements. Empty: none is sent. */
  readonly hello?: Uint8Array
  readonly description?: string
  readonly ports?: readonly { readonly number: number; readonly name: string }[]
  /** False: echo requests are left unanswered. */
  readonly echo?: boolean
  /** False: experimenter messages are refused, as a switch that is not Open vSwitch does. */
  readonly experimenters?: boolean
  /** Looks at each message first; true: the switch does nothing more with it. */
  readonly intercept?: (message: Uint8Array, fake: FakeSwitch) => boolean
  readonly tls?: TlsMaterial
}

const types = { featuresReply: 6, multipartRequest: 18, roleRequest: 24 } as const
const multipart = { desc: 0, portDesc: 13 } as const
const onfExperimenter = 0x4f4e4600
const bundleControl = 2300
const connectAttemptDelayMs = 20

/** A message of this type, as a fake switch or a test needs it. */
export const message = (type: number, xid: number, body: ArrayLike<number> = [], version = version13) =>
  rawMessage(type, xid, Uint8Array.from(body), version)

export class FakeSwitch {
  readonly datapathId: bigint
  /** Every message that came, in order. */
  readonly received: Uint8Array[] = []
  /** False: every write is cut into single bytes. */
  whole = true
  closed = false
  readonly #options: FakeSwitchOptions
  readonly #framer: Framer
  readonly #onClose: (() => void)[] = []
  #socket: Bun.Socket | null = null
  #unsent: Uint8Array[] = []

  constructor(options: FakeSwitchOptions = {}) {
    this.#options = options
    this.datapathId = options.datapathId ?? 1n
    this.#framer = new Framer({
      message: (bytes, offset, end) => this.#message(bytes.slice(offset, end)),
      batchEnd() {},
    })
  }

  /** Dials in at `tcp:…`, `ssl:…` or `unix:…`. */
  static async connect(address: string, options: FakeSwitchOptions = {}): Promise<FakeSwitch> {
    const fake = new FakeSwitch(options)
    await connectTo(required(address), fake.handler(), options.tls)
    return fake
  }

  /** What a Bun socket calls; to listen, for a channel that dials. */
  handler(): Bun.SocketHandler<undefined> {
    return {
      binaryType: 'uint8array',
      open: (socket) => {
        this.#socket = socket
        this.closed = false
        if (this.#options.tls === undefined) this.#greet()
      },
      handshake: () => this.#greet(),
      data: (_, chunk) => void this.#framer.push(chunk),
      drain: () => this.#flush(),
      close: () => {
        this.closed = true
        for (const resolve of this.#onClose.splice(0)) resolve()
      },
      error() {},
      connectError() {},
    }
  }

  /** Resolves when the connection is gone. */
  whenClosed(): Promise<void> {
    return this.closed ? Promise.resolve() : new Promise((resolve) => this.#onClose.push(resolve))
  }

  send(bytes: Uint8Array) {
    const pieces = this.whole ? [bytes] : Array.from(bytes, (byte) => Uint8Array.of(byte))
    this.#unsent.push(...pieces)
    this.#flush()
  }

  /** Reads nothing more. */
  pause() {
    this.#socket?.pause()
  }

  resume() {
    this.#socket?.resume()
  }

  close() {
    this.#socket?.terminate()
  }

  /** An error about a message of ours. */
  error(type: number, code: number, about: Uint8Array) {
    this.send(
      message(messageTypes.error, xidAt(about, 0), [type >> 8, type, code >> 8, code, ...about.slice(0, 64)]),
    )
  }

  receivedOf(type: number): Uint8Array[] {
    return this.received.filter((bytes) => typeAt(bytes, 0) === type)
  }

  #greet() {
    const hello = this.#options.hello ?? message(messageTypes.hello, 1)
    if (hello.length > 0) this.send(hello)
  }

  #flush() {
    while (this.#unsent.length > 0) {
      const [next] = this.#unsent
      const taken = this.#socket?.write(next!) ?? -1
      if (taken < 0) return
      if (taken < next!.length) {
        this.#unsent[0] = next!.subarray(taken)
        return
      }
      this.#unsent.shift()
    }
  }

  #message(bytes: Uint8Array) {
    this.received.push(bytes)
    if (this.#options.intercept?.(bytes, this)) return
    const xid = xidAt(bytes, 0)
    switch (typeAt(bytes, 0)) {
      case messageTypes.echoRequest:
        if (this.#options.echo !== false) this.send(message(messageTypes.echoReply, xid, bytes.slice(8)))
        return
      case messageTypes.featuresRequest:
        return this.send(message(types.featuresReply, xid, this.#features()))
      case messageTypes.barrierRequest:
        return this.send(message(messageTypes.barrierRequest + 1, xid))
      case types.roleRequest:
        return this.send(message(types.roleRequest + 1, xid, bytes.slice(8)))
      case types.multipartRequest:
        return this.#multipart(bytes, xid)
      case messageTypes.experimenter:
        return this.#experimenter(bytes, xid)
    }
  }

  #features(): Uint8Array {
    const body = new Uint8Array(24)
    new DataView(body.buffer).setBigUint64(0, this.datapathId)
    body[12] = 254
    body[13] = this.#options.auxiliaryId ?? 0
    return body
  }

  #multipart(request: Uint8Array, xid: number) {
    const type = u16At(request, 8)
    const body = type === multipart.desc ? this.#description() : this.#ports()
    this.send(message(messageTypes.multipartReply, xid, [type >> 8, type, 0, 0, 0, 0, 0, 0, ...body]))
  }

  #description(): Uint8Array {
    const body = new Uint8Array(1_056)
    body.set(new TextEncoder().encode(this.#options.description ?? 'a fake switch'), 0)
    return body
  }

  #ports(): Uint8Array {
    const ports = this.#options.ports ?? []
    const body = new Uint8Array(64 * ports.length)
    for (const [index, { number, name }] of ports.entries()) {
      putU32(body, index * 64, number)
      body.set(new TextEncoder().encode(name), index * 64 + 16)
    }
    return body
  }

  #experimenter(bytes: Uint8Array, xid: number) {
    if (this.#options.experimenters === false) return this.error(1, 3, bytes)
    if (u32At(bytes, 8) !== onfExperimenter || u32At(bytes, 12) !== bundleControl) return
    const reply = bytes.slice()
    putU16(reply, 20, u16At(bytes, 20) + 1)
    this.send(message(messageTypes.experimenter, xid, reply.slice(8)))
  }
}

function required(text: string): Address {
  const address = parseAddress(text)
  if (!address.ok) throw new Error(text)
  return address.value
}

async function connectTo(
  address: Address,
  socket: Bun.SocketHandler<undefined>,
  tls: TlsMaterial | undefined,
) {
  for (let attempt = 0; ; attempt++) {
    try {
      if (address.transport === 'unix') return await Bun.connect({ unix: address.path, socket })
      const options = { hostname: address.host, port: address.port, socket }
      const secured = { ...options, tls: { ...tls, rejectUnauthorized: false } }
      return await Bun.connect(address.transport === 'ssl' ? secured : options)
    } catch (error) {
      if (attempt === 5) throw error
      await Bun.sleep(connectAttemptDelayMs)
    }
  }
}
