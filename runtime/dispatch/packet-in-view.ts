import { type Connection, noBuffer, type PacketIn } from '../openvnet/packet.ts'
import { copyBytes } from './copy-bytes.ts'

/** OpenFlow 1.3.5, 7.4.1: header 8, buffer_id 4, total_len 2, reason 1, table_id 1, cookie 8, match, pad 2, data. */
const matchOffset = 24
/** `OFPXMT_OFB_IN_PORT` with its class and length. */
const oxmInPort = 0x8000_0004
/** A match of nothing but in_port, which is what nearly every switch sends: 4 header + 8 field, padded to 16, pad 2. */
const shortMatch = 0x0001_000c
const shortFrameOffset = matchOffset + 16 + 2

const oxmMetadata = 0x8000_0408
const oxmTunnelId = 0x8000_4c08
/** `NXM_NX_REG0`: class 1, field 0, length 4; the field's number grows by 1 a register. */
const nxmRegister = (number: number) => 0x0001_0004 + number * 0x200

/** `NXM_NX_CT_*`: class 1, by number and length. */
const nxmField = (number: number, length: number) => 0x0001_0000 + number * 0x200 + length
const tracked = {
  zone: nxmField(106, 2),
  protocol: nxmField(119, 1),
  source: nxmField(120, 4),
  destination: nxmField(121, 4),
  sourcePort: nxmField(124, 2),
  destinationPort: nxmField(125, 2),
} as const

/** nicira-ext.h: `NX_VENDOR_ID`, `NXT_PACKET_IN2`, `enum nx_packet_in2_prop_type`. */
const niciraVendor = 0x0000_2320
const packetIn2Subtype = 30
const property = {
  packet: 0,
  bufferId: 2,
  tableId: 3,
  cookie: 4,
  reason: 5,
  metadata: 6,
  userdata: 7,
  continuation: 8,
} as const

/**
 * Userdata of 8 bytes names the punt point and object in the cookie's place. A flow that pauses a packet needs it: Open
 * vSwitch gives a paused packet the cookie of the flow in table 0, or none.
 */
const userdataBytes = 4 + 8

const typePacketIn = 10
const typeExperimenter = 4
/** Shorter messages are not a PACKET_IN: a whole match of nothing and no frame. */
const leastPacketInBytes = 34

/**
 * Moves a view onto one message, an OFPT_PACKET_IN or an NXT_PACKET_IN2. False: it is neither, or malformed. The host's
 * alone, as `bytesOf` is: no property of a view leads to them.
 */
export let openView: (
  view: PacketInView,
  dpid: string,
  bytes: Uint8Array,
  offset: number,
  end: number,
) => boolean

/** What the message of a view lies in: a chunk of its socket, with the messages before and after it. */
export let bytesOf: (view: PacketInView) => Uint8Array

/**
 * One view for every PACKET_IN of a host, moved from message to message: no object is made for a packet.
 * `openView` checks every length once, so that the getters need not. All that it holds is private, what it hands out are
 * numbers and copies, and views are frozen: a function can read one and do nothing else to it.
 */
export class PacketInView implements PacketIn {
  static {
    openView = (view, dpid, bytes, offset, end) => view.#open(dpid, bytes, offset, end)
    bytesOf = (view) => view.#bytes
  }

  #dpid = ''
  #puntCode = 0
  #objectId = 0
  #inPort = 0
  #bufferId = noBuffer
  #reason = 0
  #tableId = 0
  #bytes: Uint8Array = new Uint8Array(0)
  #frameOffset = 0
  #frameEnd = 0
  /** Where the match's (or the metadata property's) fields lie. */
  #fields = 0
  #fieldsEnd = 0
  #continuation = 0
  /** Userdata has named the punt point. */
  #named = false
  #messageOffset = 0
  #messageEnd = 0

  get dpid(): string {
    return this.#dpid
  }

  get puntCode(): number {
    return this.#puntCode
  }

  get objectId(): number {
    return this.#objectId
  }

  get inPort(): number {
    return this.#inPort
  }

  get bufferId(): number {
    return this.#bufferId
  }

  get reason(): number {
    return this.#reason
  }

  get tableId(): number {
    return this.#tableId
  }

  /** Where the frame lies in the message's bytes. */
  get frameOffset(): number {
    return this.#frameOffset
  }

  get frameEnd(): number {
    return this.#frameEnd
  }

  /** Where the switch's continuation property lies, for `continue`; 0: there is none. */
  get continuation(): number {
    return this.#continuation
  }

  get messageOffset(): number {
    return this.#messageOffset
  }

  get messageEnd(): number {
    return this.#messageEnd
  }

  #open(dpid: string, bytes: Uint8Array, offset: number, end: number): boolean {
    this.#dpid = dpid
    this.#bytes = bytes
    this.#messageOffset = offset
    this.#messageEnd = end
    this.#continuation = 0
    if (end > bytes.length || end - offset < leastPacketInBytes) return false
    if (bytes[offset + 1] === typePacketIn) return this.#openPacketIn(bytes, offset, end)
    if (bytes[offset + 1] === typeExperimenter) return this.#openPacketIn2(bytes, offset, end)
    return false
  }

  #openPacketIn(bytes: Uint8Array, offset: number, end: number): boolean {
    this.#bufferId = u32(bytes, offset + 8)
    this.#reason = bytes[offset + 14]!
    this.#tableId = bytes[offset + 15]!
    this.#setCookie(bytes, offset + 16)
    this.#frameEnd = end
    const match = offset + matchOffset
    if (u32(bytes, match) === shortMatch && u32(bytes, match + 4) === oxmInPort) {
      this.#inPort = u32(bytes, match + 8)
      this.#fields = match + 4
      this.#fieldsEnd = match + 12
      this.#frameOffset = offset + shortFrameOffset
      return this.#frameOffset <= end
    }
    const length = u16(bytes, match + 2)
    this.#frameOffset = match + ((length + 7) & ~7) + 2
    if (u16(bytes, match) !== 1 || length < 4 || this.#frameOffset > end) return false
    return this.#setFields(match + 4, match + length)
  }

  #openPacketIn2(bytes: Uint8Array, offset: number, end: number): boolean {
    if (u32(bytes, offset + 8) !== niciraVendor || u32(bytes, offset + 12) !== packetIn2Subtype) return false
    this.#bufferId = noBuffer
    this.#reason = this.#tableId = this.#puntCode = this.#objectId = this.#inPort = 0
    this.#frameOffset = this.#frameEnd = end
    this.#fields = this.#fieldsEnd = end
    this.#named = false
    let at = offset + 16
    while (at + 4 <= end) {
      const length = u16(bytes, at + 2)
      if (length < 4 || at + length > end) return false
      if (!this.#setProperty(u16(bytes, at), at, length)) return false
      at += (length + 7) & ~7
    }
    return true
  }

  #setProperty(type: number, at: number, length: number): boolean {
    const bytes = this.#bytes
    if (type === property.packet) {
      this.#frameOffset = at + 4
      this.#frameEnd = at + length
    } else if (type === property.metadata) return this.#setFields(at + 4, at + length)
    else if (type === property.continuation) this.#continuation = at
    else if (type === property.bufferId && length >= 8) this.#bufferId = u32(bytes, at + 4)
    else if (type === property.cookie && length >= 16 && !this.#named) this.#setCookie(bytes, at + 8)
    else if (type === property.userdata && length === userdataBytes) {
      this.#named = true
      this.#setCookie(bytes, at + 4)
    } else if (type === property.tableId && length >= 5) this.#tableId = bytes[at + 4]!
    else if (type === property.reason && length >= 5) this.#reason = bytes[at + 4]!
    return true
  }

  #setCookie(bytes: Uint8Array, at: number) {
    this.#puntCode = u16(bytes, at)
    this.#objectId = u16(bytes, at + 2) * 0x1_0000_0000 + u32(bytes, at + 4)
  }

  /** Checks every field's length, so that looking one up cannot run away. */
  #setFields(from: number, to: number): boolean {
    this.#fields = from
    this.#fieldsEnd = to
    let at = from
    while (at + 4 <= to) at += 4 + this.#bytes[at + 3]!
    if (at !== to) return false
    const inPort = this.#field(oxmInPort, 4)
    this.#inPort = inPort === -1 ? 0 : u32(this.#bytes, inPort)
    return true
  }

  /** Where a field's value begins; -1: it is not there. */
  #field(header: number, length: number): number {
    const bytes = this.#bytes
    for (let at = this.#fields; at + 4 + length <= this.#fieldsEnd; at += 4 + bytes[at + 3]!)
      if (u32(bytes, at) === header) return at + 4
    return -1
  }

  #field64(header: number): bigint {
    const at = this.#field(header, 8)
    return at === -1 ? 0n : (BigInt(u32(this.#bytes, at)) << 32n) | BigInt(u32(this.#bytes, at + 4))
  }

  get tunnelId(): bigint {
    return this.#field64(oxmTunnelId)
  }

  get metadata(): bigint {
    return this.#field64(oxmMetadata)
  }

  register(number: number): number {
    const at = number >= 0 && number < 16 ? this.#field(nxmRegister(number), 4) : -1
    return at === -1 ? 0 : u32(this.#bytes, at)
  }

  /** The value of a field of 1, 2 or 4 bytes, as its header says; 0 where it is not there. */
  #number(header: number): number {
    const length = header & 0xff
    const at = this.#field(header, length)
    if (at === -1) return 0
    return length === 4 ? u32(this.#bytes, at) : length === 2 ? u16(this.#bytes, at) : this.#bytes[at]!
  }

  connection(): Connection | null {
    if (this.#field(tracked.source, 4) === -1) return null
    return {
      zone: this.#number(tracked.zone),
      protocol: this.#number(tracked.protocol),
      source: this.#number(tracked.source),
      destination: this.#number(tracked.destination),
      sourcePort: this.#number(tracked.sourcePort),
      destinationPort: this.#number(tracked.destinationPort),
    }
  }

  get length(): number {
    return this.#frameEnd - this.#frameOffset
  }

  u8(at: number): number {
    return at >= 0 && at < this.length ? this.#bytes[this.#frameOffset + at]! : 0
  }

  u16(at: number): number {
    return at >= 0 && at + 2 <= this.length ? u16(this.#bytes, this.#frameOffset + at) : 0
  }

  u32(at: number): number {
    return at >= 0 && at + 4 <= this.length ? u32(this.#bytes, this.#frameOffset + at) : 0
  }

  u48(at: number): number {
    if (at < 0 || at + 6 > this.length) return 0
    const offset = this.#frameOffset + at
    return u16(this.#bytes, offset) * 0x1_0000_0000 + u32(this.#bytes, offset + 2)
  }

  frame(): Uint8Array {
    return copyBytes(this.#bytes, this.#frameOffset, this.#frameEnd)
  }
}

Object.freeze(PacketInView.prototype)

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
const u32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
