/** Ethernet frames (IEEE 802.3), untagged and with one 802.1Q tag. */
import { readMac, writeMac } from './address.ts'

export const etherType = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, rarp: 0x8035, ipv6: 0x86dd } as const

export interface Ethernet {
  readonly destination: number
  readonly source: number
  /** Of what is inside, after the tag if there is one. */
  readonly type: number
  /** VLAN id of an 802.1Q tag, or null. */
  readonly vlan: number | null
  /** Where the payload begins, from the start of the view. */
  readonly payload: number
}

export const ethernetHeaderLength = 14
/** The shortest frame, without the checksum. */
export const frameLengthMin = 60

/** Reads the header, or gives null when the frame is too short for it. */
export function parseEthernet(view: DataView): Ethernet | null {
  if (view.byteLength < ethernetHeaderLength) return null
  const destination = readMac(view, 0)
  const source = readMac(view, 6)
  const type = view.getUint16(12)
  if (type !== etherType.vlan) return { destination, source, type, vlan: null, payload: ethernetHeaderLength }
  if (view.byteLength < ethernetHeaderLength + 4) return null
  return { destination, source, type: view.getUint16(16), vlan: view.getUint16(14) & 0xfff, payload: 18 }
}

/** Writes an untagged header; returns where the payload begins. */
export function writeEthernet(
  view: DataView,
  header: { destination: number; source: number; type: number },
): number {
  writeMac(view, 0, header.destination)
  writeMac(view, 6, header.source)
  view.setUint16(12, header.type)
  return ethernetHeaderLength
}

const macsLength = 12
const vlanTagLength = 4

/** The frame with an 802.1Q tag. */
export function withVlanTag(frame: Uint8Array, vlanId: number): Uint8Array {
  const tagged = new Uint8Array(frame.length + vlanTagLength)
  tagged.set(frame.subarray(0, macsLength))
  new DataView(tagged.buffer).setUint32(macsLength, etherType.vlan * 2 ** 16 + vlanId)
  tagged.set(frame.subarray(macsLength), macsLength + vlanTagLength)
  return tagged
}
