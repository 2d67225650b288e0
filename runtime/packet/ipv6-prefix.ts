/** IPv6 addresses as numbers of 128 bits: prefixes (RFC 4291, 2.3), and the addresses that follow from a MAC (RFC 4862). */
import { formatIpv6, parseIpv6 } from './ipv6-address.ts'

const bits = 128
const all = (1n << 128n) - 1n

/** 16 bytes as a number. */
export const ipv6Number = (bytes: Uint8Array): bigint => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16)
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8)
}

/** A number as 16 bytes. */
export function ipv6Bytes(number: bigint): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, number >> 64n)
  view.setBigUint64(8, number & 0xffff_ffff_ffff_ffffn)
  return bytes
}

/** An address of the state, text as RFC 5952 has it, as 16 bytes. Throws a RangeError for anything else: a programmer's error. */
export function ipv6BytesOf(address: string): Uint8Array {
  const bytes = parseIpv6(address)
  if (bytes === null) throw new RangeError(`${address} is no IPv6 address`)
  return bytes
}

const numberOf = (address: string) => ipv6Number(ipv6BytesOf(address))
const textOf = (number: bigint) => formatIpv6(ipv6Bytes(number))

const maskNumber = (prefix: number) => (all << BigInt(bits - prefix)) & all

/** The netmask of a prefix length of 0 to 128, as text. */
export const ipv6MaskOf = (prefix: number): string => textOf(maskNumber(prefix))

/** The first address of those that share so many bits with this one. */
export const ipv6NetworkOf = (address: string, prefix: number): string =>
  textOf(numberOf(address) & maskNumber(prefix))

/** Whether the address lies within network/prefix. */
export const containsIpv6 = (network: string, prefix: number, address: string): boolean =>
  ((numberOf(network) ^ numberOf(address)) & maskNumber(prefix)) === 0n

/** The second bit of a MAC's first octet, which interface identifiers have the other way round (RFC 4291, appendix A). */
const universalBit = 0x0200_0000_0000_0000n

/** The modified EUI-64 of a MAC address. */
function interfaceIdentifier(mac: number): bigint {
  const high = BigInt(Math.floor(mac / 0x100_0000))
  const low = BigInt(mac % 0x100_0000)
  return ((high << 40n) | 0xff_fe00_0000n | low) ^ universalBit
}

const linkLocalPrefix = 0xfe80n << 112n

/** The link-local address that a machine makes of its MAC, as text. */
export const linkLocalOf = (mac: number): string => textOf(linkLocalPrefix | interfaceIdentifier(mac))

/** The address that a machine makes of its MAC in a network whose prefix is 64 bits long, as text. */
export const autoconfiguredIpv6 = (network: string, mac: number): string =>
  textOf((numberOf(network) & maskNumber(64)) | interfaceIdentifier(mac))

/** The MAC of an IPv6 group (RFC 2464, 7). */
export const ipv6GroupMac = (group: Uint8Array): number =>
  0x3333_0000_0000 + new DataView(group.buffer, group.byteOffset, 16).getUint32(12)

export const unspecifiedIpv6 = '::'
export const linkLocalIpv6 = { network: 'fe80::', prefix: 64 } as const
export const multicastIpv6 = { network: 'ff00::', prefix: 8 } as const
export const allNodesIpv6 = 'ff02::1'
