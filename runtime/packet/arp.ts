/** ARP for IPv4 over Ethernet (RFC 826), and the announcements that move addresses: gratuitous ARP and RARP (RFC 903). */
import { broadcastMac, readMac, writeMac } from './address.ts'
import { etherType, frameLengthMin, writeEthernet } from './ethernet.ts'

export const arpOperation = { request: 1, reply: 2, rarpRequest: 3 } as const

export interface Arp {
  readonly operation: number
  readonly senderMac: number
  readonly senderIpv4: number
  readonly targetMac: number
  readonly targetIpv4: number
}

const length = 28
const ethernetHardware = 1

/** Reads an ARP body at `offset`; null when it is short or not for IPv4 over Ethernet. */
export function parseArp(view: DataView, offset: number): Arp | null {
  if (view.byteLength < offset + length) return null
  const known =
    view.getUint16(offset) === ethernetHardware &&
    view.getUint16(offset + 2) === etherType.ipv4 &&
    view.getUint16(offset + 4) === 0x0604
  if (!known) return null
  return {
    operation: view.getUint16(offset + 6),
    senderMac: readMac(view, offset + 8),
    senderIpv4: view.getUint32(offset + 14),
    targetMac: readMac(view, offset + 18),
    targetIpv4: view.getUint32(offset + 24),
  }
}

/** A whole frame of 60 bytes. */
export function buildArp(
  header: { destination: number; source: number; type?: number },
  arp: Arp,
): Uint8Array {
  const frame = new Uint8Array(frameLengthMin)
  const view = new DataView(frame.buffer)
  const at = writeEthernet(view, { type: etherType.arp, ...header })
  view.setUint16(at, ethernetHardware)
  view.setUint16(at + 2, etherType.ipv4)
  view.setUint16(at + 4, 0x0604)
  view.setUint16(at + 6, arp.operation)
  writeMac(view, at + 8, arp.senderMac)
  view.setUint32(at + 14, arp.senderIpv4)
  writeMac(view, at + 18, arp.targetMac)
  view.setUint32(at + 24, arp.targetIpv4)
  return frame
}

/**
 * A reverse ARP request for one's own MAC: tells switches where the MAC is, and hosts nothing. What hypervisors send
 * after a migration.
 */
export const buildRarpAnnouncement = (mac: number) =>
  buildArp(
    { destination: broadcastMac, source: mac, type: etherType.rarp },
    { operation: arpOperation.rarpRequest, senderMac: mac, senderIpv4: 0, targetMac: mac, targetIpv4: 0 },
  )
