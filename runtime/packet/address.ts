/** Addresses as numbers and as text: IPv4 as uint32, MAC as uint48. The one place where they are converted. */

export const broadcastMac = 0xffff_ffff_ffff
export const broadcastIpv4 = 0xffff_ffff

/** `10.0.0.1` → uint32, or null when the text is no dotted quad. */
export function parseIpv4(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (parts === null) return null
  let address = 0
  for (const part of parts.slice(1)) {
    const octet = Number(part)
    if (octet > 255) return null
    address = address * 256 + octet
  }
  return address
}

export const formatIpv4 = (address: number) =>
  `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`

/** `02:00:00:00:00:01` (any case) → uint48, or null when the text is no MAC address. */
export function parseMac(text: string): number | null {
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text) ? Number.parseInt(text.replaceAll(':', ''), 16) : null
}

const hexOctets = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'))

/** Flows are made of these by the thousand: table look-ups, no regular expression. */
export function formatMac(address: number): string {
  const high = Math.floor(address / 0x1_0000_0000)
  const octet = (shift: number) => hexOctets[(address >>> shift) & 255]
  return `${hexOctets[high >>> 8]}:${hexOctets[high & 255]}:${octet(24)}:${octet(16)}:${octet(8)}:${octet(0)}`
}

/** The netmask of a prefix length of 0 to 32. */
export const maskOf = (prefix: number) => (prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0)

/** Whether the address lies within network/prefix. */
export const contains = (network: number, prefix: number, address: number) =>
  (network & maskOf(prefix)) >>> 0 === (address & maskOf(prefix)) >>> 0

/** The broadcast address of network/prefix. */
export const broadcastOf = (network: number, prefix: number) => (network | ~maskOf(prefix)) >>> 0

/** A multicast or broadcast MAC: the lowest bit of the first octet is set (IEEE 802). */
export const isMulticastMac = (address: number) => Math.floor(address / 0x100_0000_0000) % 2 === 1

export const readMac = (view: DataView, offset: number) =>
  view.getUint16(offset) * 0x1_0000_0000 + view.getUint32(offset + 2)

export function writeMac(view: DataView, offset: number, address: number): void {
  view.setUint16(offset, Math.floor(address / 0x1_0000_0000))
  view.setUint32(offset + 2, address % 0x1_0000_0000)
}
