import { noBuffer, type Port, reservedPorts } from '../openvnet/packet.ts'

/** `OFPP_MAX`: the last number of a real port. */
const portMax = 0xffff_ff00
export const controllerPort = reservedPorts.OFPP_CONTROLLER

/** The number of a port, or -1 where the value is not one. */
export function portNumber(port: Port): number {
  if (typeof port === 'number') return port > 0 && port <= portMax && port >>> 0 === port ? port : -1
  return (typeof port === 'string' && Object.hasOwn(reservedPorts, port) && reservedPorts[port]) || -1
}

/** OpenFlow 1.3.5, 7.3.7: header 8, buffer_id 4, in_port 4, actions_len 2, pad 6. */
const headerBytes = 24
const outputActionBytes = 16
const messageBytesMax = 0xffff
/** The first four bytes but for the length: version 4, `OFPT_PACKET_OUT`. */
const versionAndType = 0x040d_0000
/** Type `OFPAT_OUTPUT` and its length. */
const outputAction = 0x0000_0010

const copy = Buffer.prototype.copy as (
  this: Uint8Array,
  target: Uint8Array,
  at: number,
  from: number,
  to: number,
) => number

/**
 * PACKET_OUTs in one buffer, to be written in one go. `length` grows only when a message is complete, so whatever
 * stops an `add` halfway, what is before `length` is whole.
 */
export class PacketOutBuffer {
  bytes: Uint8Array
  length = 0
  /** Messages so far. */
  count = 0
  #view: DataView
  readonly #maxBytes: number

  constructor(capacityBytes: number, maxBytes: number) {
    this.#maxBytes = maxBytes
    this.bytes = new Uint8Array(capacityBytes)
    this.#view = new DataView(this.bytes.buffer)
  }

  reset() {
    this.length = 0
    this.count = 0
  }

  /** After a time-out fell into an `add`: what was being replaced may be half-replaced. */
  recover() {
    this.#view = new DataView(this.bytes.buffer)
  }

  /** Adds one with a single output action. The frame is source[from, to), or none: the switch has it in a buffer. False: no room. */
  addOutput(
    bufferId: number,
    inPort: number,
    port: number,
    source: Uint8Array,
    from: number,
    to: number,
  ): boolean {
    const frameBytes = bufferId === noBuffer ? to - from : 0
    const total = headerBytes + outputActionBytes + frameBytes
    const at = this.length
    if (total > messageBytesMax || !this.#room(total)) return false
    const view = this.#view
    this.#writeHeader(at, total, bufferId, inPort, outputActionBytes)
    view.setInt32(at + 24, outputAction)
    view.setInt32(at + 28, port | 0)
    view.setInt32(at + 32, 0)
    view.setInt32(at + 36, 0)
    if (frameBytes > 0) copy.call(source, this.bytes, at + 40, from, to)
    this.length = at + total
    this.count++
    return true
  }

  /** Adds one with encoded actions; otherwise as `addOutput`. */
  addActions(
    bufferId: number,
    inPort: number,
    actions: Uint8Array,
    source: Uint8Array,
    from: number,
    to: number,
  ): boolean {
    const frameBytes = bufferId === noBuffer ? to - from : 0
    const total = headerBytes + actions.length + frameBytes
    const at = this.length
    if (total > messageBytesMax || !this.#room(total)) return false
    this.#writeHeader(at, total, bufferId, inPort, actions.length)
    this.bytes.set(actions, at + headerBytes)
    if (frameBytes > 0) copy.call(source, this.bytes, at + headerBytes + actions.length, from, to)
    this.length = at + total
    this.count++
    return true
  }

  /** Adds a message that is complete. */
  addMessage(message: Uint8Array): boolean {
    if (!this.#room(message.length)) return false
    this.bytes.set(message, this.length)
    this.length += message.length
    this.count++
    return true
  }

  // Signed: a number that is now an integer and then a double would be written by a call, not by an instruction.
  #writeHeader(at: number, total: number, bufferId: number, inPort: number, actionsBytes: number) {
    const view = this.#view
    view.setInt32(at, versionAndType | total)
    view.setInt32(at + 4, 0)
    view.setInt32(at + 8, bufferId | 0)
    view.setInt32(at + 12, inPort | 0)
    view.setInt32(at + 16, actionsBytes << 16)
    view.setInt32(at + 20, 0)
  }

  #room(bytes: number): boolean {
    const needed = this.length + bytes
    if (needed <= this.bytes.length) return true
    if (needed > this.#maxBytes) return false
    const grown = new Uint8Array(Math.min(Math.max(this.bytes.length * 2, needed), this.#maxBytes))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
    this.#view = new DataView(grown.buffer)
    return true
  }
}
