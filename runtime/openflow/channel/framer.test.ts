import { describe, expect, test } from 'bun:test'
import { Framer } from './framer.ts'
import { message } from './testing.ts'

function collect() {
  const seen: { bytes: Uint8Array; whole: boolean }[] = []
  let batches = 0
  let source: Uint8Array | null = null
  const framer = new Framer({
    message: (bytes, offset, end) => seen.push({ bytes: bytes.slice(offset, end), whole: bytes === source }),
    batchEnd: () => batches++,
  })
  const push = (chunk: Uint8Array) => {
    source = chunk
    return framer.push(chunk)
  }
  return { framer, seen, push, batches: () => batches }
}

const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
const long = message(10, 7, new Uint8Array(65_535 - 8).fill(0xab))
const messages = [
  message(0, 1),
  message(2, 2, [1, 2, 3]),
  message(10, 3, new Uint8Array(100)),
  long,
  message(3, 4),
]

describe('Framer', () => {
  test('hands on whole messages of one chunk where they lie', () => {
    const { seen, push, batches } = collect()
    expect(push(concat(...messages)).ok).toBe(true)
    expect(seen.map(({ bytes }) => bytes)).toEqual(messages)
    expect(seen.every(({ whole }) => whole)).toBe(true)
    expect(batches()).toBe(1)
  })

  test('puts messages together that are split at any byte', () => {
    const short = [messages[0]!, messages[1]!, messages[2]!, messages[4]!]
    const stream = concat(...short)
    for (let cut = 0; cut <= stream.length; cut++) {
      const { seen, push, framer } = collect()
      push(stream.subarray(0, cut))
      push(stream.subarray(cut))
      expect(seen.map(({ bytes }) => bytes)).toEqual(short)
      expect(framer.heldBytes).toBe(0)
    }
  })

  test('puts messages together that come byte by byte', () => {
    const { seen, push } = collect()
    const stream = concat(...messages)
    for (let at = 0; at < stream.length; at++) push(stream.subarray(at, at + 1))
    expect(seen.map(({ bytes }) => bytes)).toEqual(messages)
  })

  test('holds no more than one message', () => {
    const { framer, push } = collect()
    for (let at = 0; at < long.length - 1; at += 1_000)
      push(long.subarray(at, Math.min(at + 1_000, long.length - 1)))
    expect(framer.heldBytes).toBe(65_534)
  })

  test('hands on what came before a header that claims too little, then stops', () => {
    for (const length of [0, 3, 7]) {
      const bad = Uint8Array.of(4, 10, 0, length, 0, 0, 0, 9)
      const { framer, seen, push } = collect()
      const result = push(concat(messages[1]!, bad, messages[0]!))
      expect(result).toMatchObject({
        ok: false,
        problem: { where: 'header.length', received: String(length) },
      })
      expect(seen.map(({ bytes }) => bytes)).toEqual([messages[1]!])
      expect(framer.badHeader).toEqual(bad)
      expect(push(messages[0]!).ok).toBe(false)
      expect(seen.length).toBe(1)
    }
  })

  test('finds a bad length in a split header too', () => {
    const bad = Uint8Array.of(4, 10, 0, 7, 0, 0, 0, 9)
    const { seen, push } = collect()
    expect(push(bad.subarray(0, 3)).ok).toBe(true)
    expect(push(bad.subarray(3)).ok).toBe(false)
    expect(seen).toEqual([])
  })

  test('stops in the middle of a chunk when told', () => {
    const seen: number[] = []
    const framer: Framer = new Framer({
      message(bytes, offset) {
        seen.push(bytes[offset + 1]!)
        framer.stop()
      },
      batchEnd() {},
    })
    framer.push(concat(...messages))
    expect(seen).toEqual([0])
  })

  test('what it handed on stays valid until the end of the batch', () => {
    const kept: Uint8Array[] = []
    const copies: Uint8Array[] = []
    const framer = new Framer({
      message: (bytes, offset, end) => kept.push(bytes.subarray(offset, end)),
      batchEnd: () => copies.push(...kept.splice(0).map((bytes) => bytes.slice())),
    })
    const stream = concat(messages[2]!, messages[1]!, messages[2]!)
    framer.push(stream.subarray(0, 50))
    framer.push(stream.subarray(50, 130))
    framer.push(stream.subarray(130))
    expect(copies).toEqual([messages[2]!, messages[1]!, messages[2]!])
  })
})
