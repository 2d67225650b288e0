import { decode, toJson } from '../../../runtime/openflow/index.ts'
import { describe } from '../../../runtime/problem.ts'
import { type Frame, Framer } from './frames.ts'
import { HexReader, looksLikeHex } from './hex.ts'
import type { OfpIo } from './io.ts'

/** Prints every message of a file as JSON. Returns the exit status: 1 if a message could not be read. */
export async function decodeFile(path: string, pretty: boolean, io: OfpIo): Promise<number> {
  const framer = new Framer()
  let count = 0
  let status = 0
  const print = async (frame: Frame) => {
    count++
    const problem = frame.end ?? (await printMessage(frame.bytes, pretty, io))
    if (problem === undefined) return
    io.error(`vnctl ofp decode: message ${count} at byte ${frame.offset}: ${problem}`)
    status = 1
  }
  try {
    for await (const piece of binary(io.open(path)))
      for (const frame of framer.push(piece)) await print(frame)
  } catch (error) {
    io.error(`vnctl ofp decode: ${path === '-' ? 'standard input' : path}: ${messageOf(error)}`)
    status = 1
  }
  const rest = framer.rest()
  if (rest) await print(rest)
  return status
}

/** Prints one message, or says what is wrong with it. */
async function printMessage(bytes: Uint8Array, pretty: boolean, io: OfpIo): Promise<string | undefined> {
  const result = decode(bytes)
  if (!result.ok) return describe(result.problem)
  await io.write(`${JSON.stringify(toJson(result.value), null, pretty ? 2 : 0)}\n`)
  return undefined
}

/** The bytes of the input, which may be binary or hexadecimal text. */
async function* binary(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let hex: HexReader | undefined
  let first = true
  const text = new TextDecoder('latin1')
  for await (const piece of input) {
    if (first && piece.length > 0) {
      first = false
      if (looksLikeHex(piece)) hex = new HexReader()
    }
    if (hex) yield* hex.push(text.decode(piece, { stream: true }))
    else yield piece
  }
  if (hex) yield* hex.end()
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
