/** Frames as hexadecimal text, made without the project's own packet builders. */
const hex = (value: number, bytes: number) => value.toString(16).padStart(bytes * 2, '0')
const macHex = (mac: string) => mac.replaceAll(':', '')
const ipHex = (ip: string) =>
  ip
    .split('.')
    .map((part) => hex(Number(part), 1))
    .join('')

export const broadcast = 'ff:ff:ff:ff:ff:ff'

/** An Ethernet frame, padded to 60 bytes. */
export const ethernet = (destination: string, source: string, type: number, payload: string) =>
  `${macHex(destination)}${macHex(source)}${hex(type, 2)}${payload}`.padEnd(120, '0')

export interface Arp {
  readonly op?: number
  readonly sha: string
  readonly spa: string
  readonly tha?: string
  readonly tpa: string
}
export const arp = ({ op = 1, sha, spa, tha = '00:00:00:00:00:00', tpa }: Arp) =>
  `000108000604${hex(op, 2)}${macHex(sha)}${ipHex(spa)}${macHex(tha)}${ipHex(tpa)}`

function checksum(header: string): string {
  let sum = 0
  for (let at = 0; at < header.length; at += 4) sum += Number.parseInt(header.slice(at, at + 4), 16)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return hex(~sum & 0xffff, 2)
}

/** With `fragment`, one of a fragmented packet: flags and offset as 4 digits, `2000` for the first with more to come. */
export function ipv4(
  source: string,
  destination: string,
  protocol: number,
  payload: string,
  fragment = '0000',
): string {
  const fixed = `4500${hex(20 + payload.length / 2, 2)}0000${fragment}40${hex(protocol, 1)}`
  const addresses = ipHex(source) + ipHex(destination)
  return `${fixed}${checksum(`${fixed}0000${addresses}`)}${addresses}${payload}`
}

/** Without a checksum, as IPv4 allows. */
export const udp = (source: number, destination: number, payload = '00') =>
  `${hex(source, 2)}${hex(destination, 2)}${hex(8 + payload.length / 2, 2)}0000${payload}`

/** GRE with a key, around an Ethernet frame (RFC 2890). */
export const gre = (key: number, frame: string) => `20006558${hex(key, 4)}${frame}`

/** A UDP datagram between two addresses, to a port that tests look for. */
export const datagram = (
  [destinationMac, sourceMac]: readonly [string, string],
  source: string,
  destination: string,
  [sourcePort, destinationPort]: readonly [number, number] = [7777, 7777],
  payload = '00',
) =>
  ethernet(
    destinationMac,
    sourceMac,
    0x0800,
    ipv4(source, destination, 17, udp(sourcePort, destinationPort, payload)),
  )
