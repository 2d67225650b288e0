/** DHCP messages for IPv4 (RFC 2131, options RFC 2132, long options RFC 3396). */
import { failure, type Result, success } from '../problem.ts'
import { readMac, writeMac } from './address.ts'

export const dhcpMessageType = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const
export const dhcpServerPort = 67
export const dhcpClientPort = 68

export const dhcpOption = {
  subnetMask: 1,
  router: 3,
  domainNameServer: 6,
  hostName: 12,
  domainName: 15,
  interfaceMtu: 26,
  broadcastAddress: 28,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  parameterRequestList: 55,
  message: 56,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientIdentifier: 61,
  tftpServerName: 66,
  bootFile: 67,
  userClass: 77,
  clientArchitecture: 93,
  classlessRoutes: 121,
} as const

export interface Dhcp {
  /** 1 from a client, 2 from a server. */
  readonly operation: 1 | 2
  readonly transactionId: number
  readonly secs: number
  /** The client cannot yet receive unicast. */
  readonly broadcast: boolean
  readonly clientAddress: number
  readonly yourAddress: number
  readonly serverAddress: number
  readonly relayAddress: number
  readonly hardwareAddress: number
  /** What to boot, of answers; left out: nothing. Bytes that the field has no room for are cut. */
  readonly bootFile?: string
  /** In the order in which they are written. */
  readonly options: ReadonlyMap<number, Uint8Array>
}

const fixedLength = 236
const magic = 0x6382_5363
const serverNameAt = 44
const fileAt = 108
/** A zero ends the file's name. */
const bootFileBytesMax = 127
const broadcastFlag = 0x8000
/** BOOTP's smallest message: some clients drop what is shorter (RFC 1542, 2.1). */
const messageLengthMin = 300
const optionLengthMax = 255
const padOption = 0
const endOption = 255

const malformed = (what: string, where: string, expected: string, received: string) =>
  failure({ what, where, expected, received })

/** Adds the options of one field; options that come twice are joined (RFC 3396). */
function readOptions(
  view: DataView,
  from: number,
  end: number,
  options: Map<number, Uint8Array>,
): Result<void> {
  for (let at = from; at < end; ) {
    const code = view.getUint8(at)
    if (code === endOption) break
    if (code === padOption) {
      at += 1
      continue
    }
    const length = at + 1 < end ? view.getUint8(at + 1) : -1
    if (length < 0 || at + 2 + length > end)
      return malformed(
        'option runs past its field',
        `dhcp.option[${code}]`,
        `at most ${end - at - 2} bytes`,
        `${length}`,
      )
    const value = new Uint8Array(view.buffer, view.byteOffset + at + 2, length)
    const earlier = options.get(code)
    options.set(code, earlier === undefined ? value : new Uint8Array([...earlier, ...value]))
    at += 2 + length
  }
  return success(undefined)
}

/** The options of a message, with those in its `file` and `sname` fields where it says so (RFC 2131, 4.1). */
function readAllOptions(view: DataView, offset: number, end: number): Result<Map<number, Uint8Array>> {
  const options = new Map<number, Uint8Array>()
  const own = readOptions(view, offset + fixedLength + 4, end, options)
  if (!own.ok) return own
  const overload = options.get(dhcpOption.overload)?.[0] ?? 0
  const fields = [
    ...(overload & 1 ? [[fileAt, fixedLength] as const] : []),
    ...(overload & 2 ? [[serverNameAt, fileAt] as const] : []),
  ]
  for (const [from, to] of fields) {
    const read = readOptions(view, offset + from, offset + to, options)
    if (!read.ok) return read
  }
  return success(options)
}

/** Reads a DHCP message from `offset` to `end` of the view. Options are views into the same bytes. */
export function parseDhcp(view: DataView, offset: number, end: number): Result<Dhcp> {
  if (end - offset < fixedLength + 4)
    return malformed('message too short', 'dhcp', `${fixedLength + 4} bytes`, `${end - offset}`)
  const operation = view.getUint8(offset)
  if (operation !== 1 && operation !== 2)
    return malformed('unknown operation', 'dhcp.op', '1 or 2', `${operation}`)
  const hardware = view.getUint16(offset + 1)
  if (hardware !== 0x0106)
    return malformed('not Ethernet', 'dhcp.htype', '0x0106', `0x${hardware.toString(16)}`)
  const cookie = view.getUint32(offset + fixedLength)
  if (cookie !== magic)
    return malformed('no magic cookie', 'dhcp.options', '0x63825363', `0x${cookie.toString(16)}`)
  const read = readAllOptions(view, offset, end)
  if (!read.ok) return read
  return success({
    operation,
    transactionId: view.getUint32(offset + 4),
    secs: view.getUint16(offset + 8),
    broadcast: (view.getUint16(offset + 10) & broadcastFlag) !== 0,
    clientAddress: view.getUint32(offset + 12),
    yourAddress: view.getUint32(offset + 16),
    serverAddress: view.getUint32(offset + 20),
    relayAddress: view.getUint32(offset + 24),
    hardwareAddress: readMac(view, offset + 28),
    options: read.value,
  })
}

/** The bytes of a message; options longer than 255 bytes are split (RFC 3396). */
export function buildDhcp(message: Dhcp): Uint8Array {
  const parts: [code: number, value: Uint8Array][] = []
  for (const [code, value] of message.options)
    for (let at = 0; at === 0 || at < value.length; at += optionLengthMax)
      parts.push([code, value.subarray(at, at + optionLengthMax)])
  const length = parts.reduce((total, [, value]) => total + 2 + value.length, fixedLength + 4 + 1)
  const bytes = new Uint8Array(Math.max(length, messageLengthMin))
  const view = new DataView(bytes.buffer)
  view.setUint8(0, message.operation)
  view.setUint16(1, 0x0106)
  view.setUint32(4, message.transactionId)
  view.setUint16(8, message.secs)
  view.setUint16(10, message.broadcast ? broadcastFlag : 0)
  view.setUint32(12, message.clientAddress)
  view.setUint32(16, message.yourAddress)
  view.setUint32(20, message.serverAddress)
  view.setUint32(24, message.relayAddress)
  writeMac(view, 28, message.hardwareAddress)
  if (message.bootFile !== undefined)
    bytes.set(new TextEncoder().encode(message.bootFile).subarray(0, bootFileBytesMax), fileAt)
  view.setUint32(fixedLength, magic)
  let at = fixedLength + 4
  for (const [code, value] of parts) {
    bytes[at] = code
    bytes[at + 1] = value.length
    bytes.set(value, at + 2)
    at += 2 + value.length
  }
  bytes[at] = endOption
  return bytes
}

/** Values of options. */
export const optionValue = {
  byte: (value: number) => new Uint8Array([value]),
  uint16: (value: number) => new Uint8Array([value >>> 8, value & 255]),
  uint32: (value: number) =>
    new Uint8Array([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]),
  addresses: (values: readonly number[]) =>
    new Uint8Array(values.flatMap((value) => [...optionValue.uint32(value)])),
  text: (value: string) => new TextEncoder().encode(value),
  /** Classless static routes: prefix length, the significant octets of the destination, the gateway (RFC 3442). */
  routes: (routes: readonly { network: number; prefix: number; gateway: number }[]) =>
    new Uint8Array(
      routes.flatMap(({ network, prefix, gateway }) => [
        prefix,
        ...optionValue.uint32(network).subarray(0, Math.ceil(prefix / 8)),
        ...optionValue.uint32(gateway),
      ]),
    ),
}

/** An option's value as an address, or null when it is absent or not four bytes long. */
export function addressOption(message: Dhcp, code: number): number | null {
  const value = message.options.get(code)
  return value?.length === 4 ? new DataView(value.buffer, value.byteOffset).getUint32(0) : null
}
