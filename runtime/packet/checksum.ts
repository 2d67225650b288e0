/** The internet checksum (RFC 1071). */

/** The sum of the 16-bit words of `length` bytes, an odd last byte padded with zero; add sums, then `fold` them. */
export function sum(view: DataView, offset: number, length: number): number {
  let total = 0
  const even = offset + (length & ~1)
  for (let at = offset; at < even; at += 2) total += view.getUint16(at)
  return length & 1 ? total + (view.getUint8(even) << 8) : total
}

/** One's complement of a sum, folded to 16 bits. */
export function fold(total: number): number {
  let folded = total
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000)
  return ~folded & 0xffff
}
