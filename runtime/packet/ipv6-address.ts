/** IPv6 addresses as 16 bytes and as text (RFC 4291, 2.2; RFC 5952). */
import { formatIpv4, parseIpv4 } from './address.ts'

const groupForm = /^[0-9a-f]{1,4}$/i

/** The groups of one side of `::`; the last may be an IPv4 address. null: they are none. */
function groupsOf(text: string, mayEndInIpv4: boolean): number[] | null {
  if (text === '') return []
  const parts = text.split(':')
  const groups: number[] = []
  for (const [index, part] of parts.entries()) {
    const ipv4 = mayEndInIpv4 && index === parts.length - 1 && part.includes('.') ? parseIpv4(part) : null
    if (ipv4 !== null) groups.push(ipv4 >>> 16, ipv4 & 0xffff)
    else if (groupForm.test(part)) groups.push(Number.parseInt(part, 16))
    else return null
  }
  return groups
}

/** `2001:db8::1` → 16 bytes, or null when the text is no IPv6 address. A zone (`%eth0`) is none of it. */
export function parseIpv6(text: string): Uint8Array | null {
  const [before = '', after, more] = text.split('::')
  if (more !== undefined) return null
  const head = groupsOf(before, after === undefined)
  const tail = groupsOf(after ?? '', true)
  if (head === null || tail === null) return null
  const left = 8 - head.length - tail.length
  if (after === undefined ? left !== 0 : left < 1) return null
  const groups = [...head, ...new Array<number>(left).fill(0), ...tail]
  return Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 255]))
}

/** Where the longest run of zero groups begins, and how long it is; the first of several, two at least. */
function longestZeros(groups: readonly number[]): { at: number; length: number } {
  let best = { at: -1, length: 1 }
  for (let at = 0; at < groups.length; at++) {
    let length = 0
    while (groups[at + length] === 0) length++
    if (length > best.length) best = { at, length }
  }
  return best
}

/** The one text of an address that RFC 5952 recommends. */
export function formatIpv6(address: Uint8Array): string {
  const view = new DataView(address.buffer, address.byteOffset, 16)
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2))
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${formatIpv4(view.getUint32(12))}`
  const zeros = longestZeros(groups)
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  if (zeros.at === -1) return text(groups)
  return `${text(groups.slice(0, zeros.at))}::${text(groups.slice(zeros.at + zeros.length))}`
}
