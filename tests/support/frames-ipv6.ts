/** IPv6 frames as hexadecimal text, made without the project's own packet builders; checksums are left to whoever looks. */
import { ethernet, udp } from './frames.ts'

const hex = (value: number, bytes: number) => value.toString(16).padStart(bytes * 2, '0')

/** `2001:db8::1` as 32 digits. */
export function ipv6Hex(address: string): string {
  const [before = '', after] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => group.padStart(4, '0')))
  const head = groups(before)
  const tail = groups(after ?? '')
  return [...head, ...new Array<string>(8 - head.length - tail.length).fill('0000'), ...tail].join('')
}

export const ipv6 = (source: string, destination: string, next: number, payload: string, hops = 64) =>
  `60000000${hex(payload.length / 2, 2)}${hex(next, 1)}${hex(hops, 1)}${ipv6Hex(source)}${ipv6Hex(destination)}${payload}`

/** The MAC of a group. */
export const groupMac = (group: string) => `3333${ipv6Hex(group).slice(24)}`.replace(/(..)(?!$)/g, '$1:')

/** The group that an address is solicited by. */
export const solicitedNode = (address: string) => {
  const end = ipv6Hex(address).slice(26)
  return `ff02::1:ff${end.slice(0, 2)}:${end.slice(2)}`
}

/** To a machine, or to a group where the destination is one. */
const frame = (destination: string, source: string, packet: string) =>
  ethernet(destination, source, 0x86dd, packet)

const macHex = (mac: string) => mac.replaceAll(':', '')

/** A UDP datagram, to a port that tests look for. */
export const datagram6 = (
  [destinationMac, sourceMac]: readonly [string, string],
  source: string,
  destination: string,
  ports: readonly [number, number] = [7777, 7777],
  payload = '00',
) => frame(destinationMac, sourceMac, ipv6(source, destination, 17, udp(...ports, payload)))

/** An ICMPv6 message of neighbour discovery. */
export const discovery = (
  [destinationMac, sourceMac]: readonly [string, string],
  source: string,
  destination: string,
  type: number,
  body: string,
) => frame(destinationMac, sourceMac, ipv6(source, destination, 58, `${hex(type, 1)}000000${body}`, 255))

export const sourceOption = (mac: string) => `0101${macHex(mac)}`
export const targetOption = (mac: string) => `0201${macHex(mac)}`

/** Who asks for an address; without a source it asks whether the address is free. */
export const solicitation = (mac: string, source: string, target: string, option = sourceOption(mac)) => {
  const group = solicitedNode(target)
  return discovery([groupMac(group), mac], source, group, 135, `00000000${ipv6Hex(target)}${option}`)
}

/** Who says that an address is at a MAC, to all. */
export const advertisement = (mac: string, source: string, target: string, at: string, mark = '') =>
  discovery(
    ['33:33:00:00:00:01', mac],
    source,
    'ff02::1',
    136,
    `20000000${ipv6Hex(target)}${targetOption(at)}${mark}`,
  )

/** An ICMPv6 frame with its checksum (RFC 8200, 8.1), so that machines believe it. */
export function correct(frame: string): string {
  const icmp = frame.slice(108)
  const summed = `${frame.slice(44, 108)}${hex(icmp.length / 2, 4)}${hex(58, 4)}${icmp}`
  let sum = 0
  for (const word of summed.match(/.{1,4}/g)!) sum += Number.parseInt(word.padEnd(4, '0'), 16)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return `${frame.slice(0, 112)}${hex(0xffff - sum, 2)}${frame.slice(116)}`
}
