import { describe, failure, type Problem, type Result, success } from '../problem.ts'
import { type Reader, ReaderCompiler } from './compile/reader.ts'
import { type Writer, WriterCompiler } from './compile/writer.ts'
import { CodecError, Malformed } from './failure.ts'
import { fromJson } from './from-json.ts'
import type { Node, Shape } from './node.ts'

export interface Codec<T> {
  /** Reads one value from exactly `[offset, end)`. Never throws and never reads outside of it. */
  decode(bytes: Uint8Array, offset?: number, end?: number): Result<T>
  /** A fresh array. Throws a CodecError for a value that cannot be written. */
  encode(value: T): Uint8Array
  /** Writes at `offset` and returns the offset behind. Throws a CodecError where the value or the room is wrong. */
  encodeInto(value: T, buffer: Uint8Array, offset: number): number
  fromJson(json: unknown): Result<T>
}

/** No value is longer: every length field in OpenFlow has 16 bits. The rest is slack for writers to notice. */
const scratchBytes = 2 * 65536

/**
 * Compiles a declaration: straight-line functions for the wire, the tree itself for everything rare. Each function is made
 * when it is first used (a large declaration takes some 20 ms), so that a declaration that is only imported costs little.
 */
export function compile<T>(node: Node<T>): Codec<T> {
  let reader: Reader<T> | undefined
  let writer: Writer | undefined
  const scratch = new Uint8Array(scratchBytes)
  const scratchView = new DataView(scratch.buffer)
  const viewOf = rememberedView()
  const explain = explainer(node)
  return {
    decode(bytes, offset = 0, end = bytes.length) {
      if (!(offset >= 0 && offset <= end && end <= bytes.length)) return failure(noRange(bytes, offset, end))
      const view = viewOf(bytes)
      const read = (reader ??= new ReaderCompiler(false).compile<T>(node))
      try {
        return { ok: true, value: read(bytes, view, offset, end) }
      } catch {
        return failure(explain(bytes, view, offset, end))
      }
    },
    encode(value) {
      const write = (writer ??= new WriterCompiler().compile(node))
      const end = writeOr(node, write, scratch, scratchView, 0, value)
      return scratch.slice(0, end)
    },
    encodeInto(value, buffer, offset) {
      const write = (writer ??= new WriterCompiler().compile(node))
      return writeOr(node, write, buffer, viewOf(buffer), offset, value)
    },
    fromJson(json) {
      try {
        return success(fromJson(node, json, '') as T)
      } catch (error) {
        if (error instanceof Malformed) return failure(error.problem)
        return failure({ what: error instanceof Error ? error.message : 'unreadable', where: 'value' })
      }
    },
  }
}

const noRange = (bytes: Uint8Array, offset: number, end: number): Problem => ({
  what: 'no such range',
  where: `bytes ${offset} to ${end}`,
  received: `${bytes.length} bytes`,
})

/**
 * Views of buffers; the last one is kept, since messages come from the same buffer one after the other. It is replaced in
 * one step: a watchdog may stop us anywhere.
 */
function rememberedView(): (bytes: Uint8Array) => DataView {
  let last: { readonly bytes: Uint8Array; readonly view: DataView } | undefined
  return (bytes) => {
    if (last === undefined || last.bytes !== bytes)
      last = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
    return last.view
  }
}

/** Reads once more, by a reader that keeps track of where it is; that one is compiled when first needed. */
function explainer(node: Shape): (bytes: Uint8Array, view: DataView, offset: number, end: number) => Problem {
  let traced: Reader<unknown> | undefined
  return (bytes, view, offset, end) => {
    traced ??= new ReaderCompiler(true).compile(node)
    return problemOf(() => traced?.(bytes, view, offset, end), 'malformed')
  }
}

function writeOr(
  node: Shape,
  write: Writer,
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  value: unknown,
): number {
  let end = -1
  try {
    end = write(bytes, view, offset, value)
  } catch (error) {
    throw new CodecError(problemOfValue(node, value, error))
  }
  if (end > bytes.length || end > offset + 65535)
    throw new CodecError({
      what: 'no room',
      where: 'message',
      expected: `at most ${Math.min(bytes.length - offset, 65535)} bytes`,
      received: `${end - offset} bytes`,
    })
  return end
}

function problemOfValue(node: Shape, value: unknown, error: unknown): Problem {
  const tooLong = {
    what: error instanceof RangeError ? 'no room in the buffer' : 'too long or not a value',
    where: 'message',
  }
  return problemOf(() => fromJson(node, value, ''), error instanceof TypeError ? error.message : tooLong.what)
}

/** The problem that running this stops with. */
function problemOf(run: () => unknown, otherwise: string): Problem {
  try {
    run()
  } catch (error) {
    if (error instanceof Malformed) return error.problem
  }
  return { what: otherwise, where: 'message' }
}

export { CodecError, describe }
