import { CodecError, encode, fromJson } from '../../../runtime/openflow/index.ts'
import { describe } from '../../../runtime/problem.ts'
import { toHex } from '../../../runtime/wire/index.ts'
import { messageOf } from './decode.ts'
import { DocumentReader } from './documents.ts'
import type { OfpIo } from './io.ts'

/** Writes every message of a file of JSON in binary. Returns the exit status: 1 if one could not be written. */
export async function encodeFile(path: string, hex: boolean, io: OfpIo): Promise<number> {
  const documents = new DocumentReader()
  const decoder = new TextDecoder()
  let count = 0
  let status = 0
  const write = async (document: string) => {
    count++
    const bytes = bytesOf(document)
    if (typeof bytes !== 'string') return io.write(hex ? `${toHex(bytes)}\n` : bytes)
    io.error(`vnctl ofp encode: message ${count}: ${bytes}`)
    status = 1
  }
  try {
    for await (const piece of io.open(path))
      for (const document of documents.push(decoder.decode(piece, { stream: true }))) await write(document)
    if (documents.unfinished) throw new SyntaxError(`the input ends within message ${count + 1}`)
  } catch (error) {
    io.error(`vnctl ofp encode: ${path === '-' ? 'standard input' : path}: ${messageOf(error)}`)
    status = 1
  }
  return status
}

/** The bytes of a document's message, or what is wrong with it. */
function bytesOf(document: string): Uint8Array | string {
  try {
    const json = JSON.parse(document) as Readonly<Record<string, unknown>>
    const missing = ['version', 'type'].filter((name) => json[name] === undefined)
    if (missing.length > 0)
      return `${missing.join(' and ')} missing, as in {"version": 4, "type": "OFPT_HELLO", …}`
    const message = fromJson(json)
    return message.ok ? encode(message.value) : describe(message.problem)
  } catch (error) {
    return error instanceof CodecError ? describe(error.problem) : messageOf(error)
  }
}
