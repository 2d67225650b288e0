/** Lines of dumps: an offset, digits, and perhaps the characters that they stand for. */

export interface DumpLine {
  readonly offset: number
  /** Hexadecimal, without what separates them. */
  readonly digits: string
}

/** `0x0000:  0400 0008`, `00000010: 04…`, `0000  04 00`, `000010 04 00`. */
const start = /^(?:0x)?([0-9a-f]{4,8})(?::\s+|\s{2,}|(?<=^[0-9a-f]{6,8})\s)/i
/** Some digits and the gap behind them: a space or a dash, perhaps two in the middle of a line. */
const group = /([0-9a-f]{2,8})(?=[\s|-]|$)([ -]*)/giy
const gapMax = 2
/** Digits of a line in most formats: what follows a gap of two are the characters then. */
const usualDigits = 32

/** The line's parts; undefined: it is no line of a dump. */
export function dumpLine(line: string): DumpLine | undefined {
  const offset = start.exec(line)
  if (offset === null) return undefined
  let digits = ''
  group.lastIndex = offset[0].length
  for (let found = group.exec(line); found !== null; found = group.exec(line)) {
    const [, some = '', gap = ''] = found
    if (some.length % 2 === 1) break
    digits += some
    if (gap.length > gapMax || (gap.length === gapMax && digits.length >= usualDigits)) break
  }
  return digits === '' ? undefined : { offset: Number.parseInt(offset[1]!, 16), digits }
}

/** Whether a dump begins with this line. */
export const beginsDump = (line: string): boolean => dumpLine(line)?.offset === 0

/** tcpdump's line above each packet begins with the time. */
export const isPacketHeader = (line: string): boolean => /^\d\d:\d\d:\d\d\.\d+ /.test(line)

const protocolTcp = 6

/** Whether bytes begin as IP does: versions of OpenFlow are below 0x40. */
export const isPacket = (bytes: Uint8Array): boolean =>
  (bytes[0] ?? 0) >> 4 === 4 || (bytes[0] ?? 0) >> 4 === 6

/** What a packet from tcpdump carries: the payload of TCP over IP; other bytes stay. */
export function payloadOf(packet: Uint8Array): Uint8Array {
  const first = packet[0] ?? 0
  const at = (index: number) => packet[index] ?? 0
  if (first >> 4 === 4 && at(9) === protocolTcp) {
    const tcp = (first & 15) * 4
    return packet.subarray(tcp + (at(tcp + 12) >> 4) * 4, (at(2) << 8) | at(3))
  }
  if (first >> 4 === 6 && at(6) === protocolTcp) {
    const tcp = 40
    return packet.subarray(tcp + (at(tcp + 12) >> 4) * 4, tcp + ((at(4) << 8) | at(5)))
  }
  return packet
}
