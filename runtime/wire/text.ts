import { nibble } from './addresses.ts'

/** Bytes that are no UTF-8 become lone surrogates U+DC80…U+DCFF, so that every name survives a round trip. */
const escapeBase = 0xdc00
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** The text of a NUL-ended field. */
export function readText(b: Uint8Array, o: number, size: number): string {
  let text = ''
  for (let i = 0; i < size; i++) {
    const byte = b[o + i]!
    if (byte === 0) return text
    if (byte >= 0x80) return readBytes(b.subarray(o, o + nameLength(b, o, size)))
    text += String.fromCharCode(byte)
  }
  return text
}

/** The number of bytes before the first NUL. */
export function nameLength(b: Uint8Array, o: number, size: number): number {
  for (let i = 0; i < size; i++) if (b[o + i] === 0) return i
  return size
}

function readBytes(name: Uint8Array): string {
  try {
    return decoder.decode(name)
  } catch {
    return Array.from(name, (byte) => String.fromCharCode(byte < 0x80 ? byte : escapeBase + byte)).join('')
  }
}

/** Writes text and zeros behind it; text longer than the field is a TypeError. */
export function writeText(b: Uint8Array, o: number, size: number, text: string): void {
  const name = textBytes(text)
  if (name.length > size) throw new TypeError(`more than ${size} bytes: ${text}`)
  if (name.includes(0)) throw new TypeError(`has a NUL: ${JSON.stringify(text)}`)
  b.fill(0, o, o + size)
  b.set(name, o)
}

export function textBytes(text: string): Uint8Array {
  const parts: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0)!
    if (code >= 0xdc80 && code <= 0xdcff) parts.push(code - escapeBase)
    else if (code < 0x80) parts.push(code)
    else parts.push(...encoder.encode(character))
  }
  return Uint8Array.from(parts)
}

export const toHex = (b: Uint8Array): string => {
  let text = ''
  for (const byte of b) text += (byte < 16 ? '0' : '') + byte.toString(16)
  return text
}

/** The bytes of hexadecimal text, or undefined where it is none. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined
  const b = new Uint8Array(text.length / 2)
  for (let i = 0; i < b.length; i++) {
    const high = nibble(text.charCodeAt(2 * i))
    const low = nibble(text.charCodeAt(2 * i + 1))
    if (high < 0 || low < 0) return undefined
    b[i] = (high << 4) | low
  }
  return b
}
