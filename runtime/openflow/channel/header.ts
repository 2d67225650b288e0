/** The eight bytes that every OpenFlow message begins with (OpenFlow 1.3.5 section 7.1), read and written in place. */

export const headerBytes = 8
/** The length field has 16 bits. */
export const messageBytesMax = 65_535
export const version13 = 4

/** The message types that the channel itself tells apart. */
export const messageTypes = {
  hello: 0,
  error: 1,
  echoRequest: 2,
  echoReply: 3,
  experimenter: 4,
  featuresRequest: 5,
  featuresReply: 6,
  packetIn: 10,
  flowRemoved: 11,
  portStatus: 12,
  multipartReply: 19,
  barrierRequest: 20,
} as const

export const versionAt = (bytes: Uint8Array, offset: number) => bytes[offset]!
export const typeAt = (bytes: Uint8Array, offset: number) => bytes[offset + 1]!
export const lengthAt = (bytes: Uint8Array, offset: number) => (bytes[offset + 2]! << 8) | bytes[offset + 3]!
export const xidAt = (bytes: Uint8Array, offset: number) => u32At(bytes, offset + 4)

export const u16At = (bytes: Uint8Array, offset: number) => (bytes[offset]! << 8) | bytes[offset + 1]!
export const u32At = (bytes: Uint8Array, offset: number) =>
  ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0

export function putU16(bytes: Uint8Array, offset: number, value: number) {
  bytes[offset] = value >>> 8
  bytes[offset + 1] = value
}

export function putU32(bytes: Uint8Array, offset: number, value: number) {
  putU16(bytes, offset, value >>> 16)
  putU16(bytes, offset + 2, value)
}

export function putHeader(
  bytes: Uint8Array,
  offset: number,
  type: number,
  length: number,
  xid: number,
  version: number = version13,
) {
  bytes[offset] = version
  bytes[offset + 1] = type
  putU16(bytes, offset + 2, length)
  putU32(bytes, offset + 4, xid)
}

/** A message with this body. */
export function rawMessage(
  type: number,
  xid: number,
  body: Uint8Array = new Uint8Array(0),
  version: number = version13,
) {
  const bytes = new Uint8Array(headerBytes + body.length)
  putHeader(bytes, 0, type, bytes.length, xid, version)
  bytes.set(body, headerBytes)
  return bytes
}
