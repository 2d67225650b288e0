/** What generated readers and writers call for the rare cases, so that their common path stays straight-line. */
import { nameLength } from '../text.ts'

type MutableRaw = Record<string, Uint8Array>

/** A copy: the reader's buffer is reused by its owner. */
export function copy(b: Uint8Array, from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(to - from)
  if (to - from > copyByLoopMax) bytes.set(b.subarray(from, to))
  else for (let i = from; i < to; i++) bytes[i - from] = b[i]!
  return bytes
}
/** Up to here a loop is quicker than a view. */
const copyByLoopMax = 64

export function keep(
  raw: MutableRaw | undefined,
  name: string,
  b: Uint8Array,
  from: number,
  to: number,
): MutableRaw {
  const kept = raw ?? {}
  kept[name] = copy(b, from, to)
  return kept
}

export function anySet(b: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (b[i] !== 0) return true
  return false
}

/** Keeps the bytes behind a name's NUL where one of them is set. */
export function keepTail(raw: MutableRaw | undefined, name: string, b: Uint8Array, o: number, size: number) {
  const from = o + nameLength(b, o, size) + 1
  return anySet(b, from, o + size) ? keep(raw, name, b, from, o + size) : raw
}

/** Writes the bytes behind a name's NUL back; they end where the field ends. */
export function putTail(b: Uint8Array, o: number, size: number, tail: Uint8Array | undefined): void {
  if (tail === undefined) return
  if (nameLength(b, o, size) + 1 + tail.length > size) throw new TypeError('raw bytes overlap the name')
  b.set(tail, o + size - tail.length)
}

/** Padding of a fixed size. */
export function putPad(b: Uint8Array, o: number, size: number, bytes: Uint8Array | undefined): void {
  if (bytes === undefined) b.fill(0, o, o + size)
  else if (bytes.length === size) b.set(bytes, o)
  else throw new TypeError(`raw padding is ${bytes.length} bytes, not ${size}`)
}

/** Padding that may have any size: zeros, or exactly the bytes that were there. Returns the offset behind it. */
export function putEnd(b: Uint8Array, o: number, size: number, bytes: Uint8Array | undefined): number {
  if (bytes === undefined) {
    b.fill(0, o, o + size)
    return o + size
  }
  b.set(bytes, o)
  return o + bytes.length
}
