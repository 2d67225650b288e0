/** What IPv4 and IPv6 have in common for what they carry: whole frames of UDP and TCP are made over either. */
import { sum } from './checksum.ts'
import { etherType } from './ethernet.ts'
import { type Ipv4, ipv4HeaderLength, writeIpv4 } from './ipv4.ts'
import { ipv6HeaderLength, writeIpv6 } from './ipv6.ts'

/** An address: of IPv4 a uint32, of IPv6 text. */
export type IpAddress = number | string

/** Both addresses are of one kind. */
export interface IpEnds {
  readonly source: IpAddress
  readonly destination: IpAddress
  /** How many hops it may take. */
  readonly ttl: number
}

/** What a packet says about what it carries. */
export type IpCarrier = Pick<Ipv4, 'protocol' | 'fragmentOffset' | 'payload' | 'end'>

const isIpv6 = ({ source }: IpEnds) => typeof source === 'string'

export const etherTypeOf = (ip: IpEnds): number => (isIpv6(ip) ? etherType.ipv6 : etherType.ipv4)
export const ipHeaderLengthOf = (ip: IpEnds): number => (isIpv6(ip) ? ipv6HeaderLength : ipv4HeaderLength)

/** Writes a header without options; returns where the payload begins. Throws a RangeError where the addresses differ in kind. */
export function writeIp(
  view: DataView,
  offset: number,
  ip: IpEnds,
  protocol: number,
  payloadLength: number,
): number {
  const { source, destination, ttl } = ip
  if (typeof source === 'string' && typeof destination === 'string')
    return writeIpv6(view, offset, { source, destination, hopLimit: ttl, protocol, payloadLength })
  if (typeof source === 'number' && typeof destination === 'number')
    return writeIpv4(view, offset, { source, destination, ttl, protocol, payloadLength })
  throw new RangeError(`a packet from ${source} to ${destination}`)
}

/** The sum of the pseudo header of what `payload` begins: both addresses stand right before it; then protocol and length. */
export const pseudoHeaderSum = (
  view: DataView,
  ip: IpEnds,
  payload: number,
  protocol: number,
  length: number,
) => sum(view, payload - (isIpv6(ip) ? 32 : 8), isIpv6(ip) ? 32 : 8) + protocol + length
