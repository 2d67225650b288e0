/** Addresses between bytes and text. Readers trust their bounds; writers throw a TypeError for text that is none. */

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const decimal = Array.from({ length: 256 }, (_, byte) => String(byte))

export function readMac(b: Uint8Array, o: number): string {
  return `${hex[b[o]!]}:${hex[b[o + 1]!]}:${hex[b[o + 2]!]}:${hex[b[o + 3]!]}:${hex[b[o + 4]!]}:${hex[b[o + 5]!]}`
}

export function writeMac(b: Uint8Array, o: number, text: string): void {
  if (text.length !== 17) throw new TypeError(`not a MAC address: ${text}`)
  let wrong = 0
  for (let i = 0, at = 0; i < 6; i++, at += 3) {
    const high = text.charCodeAt(at)
    const low = text.charCodeAt(at + 1)
    const byte = (nibbles[high & 0xff]! << 4) | nibbles[low & 0xff]!
    wrong |= (byte | high | low) & 0xff00
    if (i < 5 && text.charCodeAt(at + 2) !== 58) wrong = -1
    b[o + i] = byte
  }
  if (wrong !== 0) throw new TypeError(`not a MAC address: ${text}`)
}

/** The values of hexadecimal digits by their code, far too large where there is none. */
const noDigit = 0xffff
const nibbles = Uint16Array.from({ length: 256 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16)
  return Number.isNaN(digit) ? noDigit : digit
})

/** The value of a hexadecimal digit, or -1. */
export const nibble = (code: number): number => {
  const digit = nibbles[code] ?? noDigit
  return digit === noDigit ? -1 : digit
}

export function readIpv4(b: Uint8Array, o: number): string {
  return `${decimal[b[o]!]}.${decimal[b[o + 1]!]}.${decimal[b[o + 2]!]}.${decimal[b[o + 3]!]}`
}

export function writeIpv4(b: Uint8Array, o: number, text: string): void {
  let at = 0
  for (let i = 0; i < 4; i++) {
    let value = -1
    let digits = 0
    for (; at < text.length; at++, digits++) {
      const digit = text.charCodeAt(at) - 48
      if (digit < 0 || digit > 9) break
      value = (value < 0 ? 0 : value * 10) + digit
    }
    if (value < 0 || value > 255 || digits > 3) throw new TypeError(`not an IPv4 address: ${text}`)
    b[o + i] = value
    if (i < 3 && text.charCodeAt(at++) !== 46) throw new TypeError(`not an IPv4 address: ${text}`)
  }
  if (at !== text.length) throw new TypeError(`not an IPv4 address: ${text}`)
}

/** RFC 5952: lower case, the longest run of two or more zero groups as `::`, IPv4-mapped addresses in dots. */
export function readIpv6(b: Uint8Array, o: number): string {
  const groups: number[] = []
  for (let i = 0; i < 16; i += 2) groups.push((b[o + i]! << 8) | b[o + i + 1]!)
  if (groups[5] === 0xffff && groups.every((group, i) => i >= 5 || group === 0))
    return `::ffff:${readIpv4(b, o + 12)}`
  let start = -1
  let length = 1
  for (let i = 0; i < 8; i++) {
    let run = 0
    while (i + run < 8 && groups[i + run] === 0) run++
    if (run > length) {
      start = i
      length = run
    }
    i += run
  }
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(':')
  return start < 0 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`
}

export function writeIpv6(b: Uint8Array, o: number, text: string): void {
  const halves = text.split('::')
  if (halves.length > 2) throw new TypeError(`not an IPv6 address: ${text}`)
  const head = groupsOf(halves[0]!, text)
  const tail = groupsOf(halves[1] ?? '', text)
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) throw new TypeError(`not an IPv6 address: ${text}`)
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail]
  for (let i = 0; i < 8; i++) {
    b[o + 2 * i] = groups[i]! >> 8
    b[o + 2 * i + 1] = groups[i]!
  }
}

function groupsOf(part: string, text: string): number[] {
  if (part === '') return []
  const groups: number[] = []
  const words = part.split(':')
  for (const [i, word] of words.entries()) {
    if (i === words.length - 1 && word.includes('.')) {
      const four = new Uint8Array(4)
      writeIpv4(four, 0, word)
      groups.push((four[0]! << 8) | four[1]!, (four[2]! << 8) | four[3]!)
    } else if (/^[0-9a-fA-F]{1,4}$/.test(word)) groups.push(Number.parseInt(word, 16))
    else throw new TypeError(`not an IPv6 address: ${text}`)
  }
  return groups
}
