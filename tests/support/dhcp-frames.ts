/** DHCP messages of a client as hexadecimal text, made without the project's own builders (RFC 2131, RFC 2132). */
import { broadcast, ethernet, ipv4, udp } from './frames.ts'

const magicCookie = '63825363'
const hex = (value: number, bytes: number) => value.toString(16).padStart(bytes * 2, '0')

export interface DhcpMessage {
  /** Of the frame. */
  readonly source: string
  /** In the message; default: the frame's. */
  readonly hardwareAddress?: string
  readonly transactionId: number
  /** Default: 0.0.0.0 */
  readonly clientAddress?: string
  /** From the message type (53) on, without the end: `350101`. */
  readonly options: string
}

export const discover = '350101'

/** A message from a client to everyone. */
export function dhcpFrame(message: DhcpMessage): string {
  const { source, hardwareAddress = source, transactionId, clientAddress, options } = message
  const address = clientAddress?.split('.').map(Number) ?? [0, 0, 0, 0]
  const body = [
    '01010600',
    hex(transactionId, 4),
    // secs 0, answered by broadcast
    '00008000',
    address.map((part) => hex(part, 1)).join(''),
    '00'.repeat(12),
    hardwareAddress.replaceAll(':', '').padEnd(32, '0'),
    '00'.repeat(192),
    magicCookie,
    `${options}ff`,
  ].join('')
  return ethernet(
    broadcast,
    source,
    0x0800,
    ipv4(clientAddress ?? '0.0.0.0', '255.255.255.255', 17, udp(68, 67, body)),
  )
}
