import { describe, expect, test } from 'bun:test'
import { JsonFrames } from './json-frames.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

function collect(chunks: Iterable<Uint8Array>, frames = new JsonFrames()) {
  const messages: unknown[] = []
  for (const chunk of chunks) {
    const result = frames.push(chunk, (message) => messages.push(message))
    if (!result.ok) return { messages, problem: result.problem }
  }
  return { messages, problem: null }
}

describe('messages', () => {
  const sent = [
    { id: 0, method: 'echo', params: [] },
    { text: 'braces } ] in "strings" and \\ before a quote \\"', nested: [[{}], { a: [1, 2] }] },
    { text: 'ünïcödé 漢字 🦊' },
    {},
  ]
  const stream = bytes(
    `${sent.map((message) => JSON.stringify(message)).join('')} \r\n\t${JSON.stringify(sent[0])}`,
  )

  test('come out whole however the bytes are cut', () => {
    for (let size = 1; size <= stream.length; size++) {
      const chunks: Uint8Array[] = []
      for (let at = 0; at < stream.length; at += size) chunks.push(stream.subarray(at, at + size))
      expect(collect(chunks)).toEqual({ messages: [...sent, sent[0]], problem: null })
    }
  })

  test('do not change when the bytes that they came in do', () => {
    const chunk = bytes('{"a":"b"}{"half":')
    const frames = new JsonFrames()
    const { messages } = collect([chunk], frames)
    chunk.fill(0)
    collect([bytes('"x"}')], frames)
    expect(messages).toEqual([{ a: 'b' }])
    expect(frames.pending).toBe(0)
  })

  test('that are larger than the buffer leave no large buffer behind', () => {
    const large = bytes(JSON.stringify({ text: 'x'.repeat(3_000_000) }))
    const frames = new JsonFrames()
    expect(collect([large.subarray(0, 2_000_000)], frames)).toEqual({ messages: [], problem: null })
    expect(frames.pending).toBe(2_000_000)
    expect(collect([large.subarray(2_000_000)], frames).messages).toHaveLength(1)
    expect(frames.pending).toBe(0)
  })
})

describe('is a problem and not a throw', () => {
  for (const [name, text] of [
    ['garbage', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['an array', '[1]'],
    ['a number', '1'],
    ['a closing bracket', '}'],
    ['brackets that do not match', '{"a":]'],
    ['no JSON', '{a}'],
    ['NUL', '\0'],
    ['nesting without end', `{"a":${'['.repeat(100_000)}`],
    ['nesting that ends', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ] as const)
    test(name, () => {
      expect(collect([bytes(text)]).problem).not.toBe(null)
    })

  test('text that is not UTF-8', () => {
    expect(collect([Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)]).problem?.what).toContain(
      'not JSON',
    )
  })

  test('a message without end, in bounded memory', () => {
    const frames = new JsonFrames(1_000)
    const chunk = bytes('"'.padEnd(100, 'x'))
    expect(collect([bytes('{"a":'), chunk], frames).problem).toBe(null)
    const { problem } = collect(Array(1_000).fill(bytes('x'.repeat(100))), frames)
    expect(problem?.what).toBe('a message is too long')
    expect(frames.pending).toBe(0)
  })

  test('a message that is complete but too long', () => {
    const frames = new JsonFrames(10)
    expect(collect([bytes('{"a":1}{"long":"long"}')], frames)).toMatchObject({
      messages: [{ a: 1 }],
      problem: { what: 'a message is too long' },
    })
  })

  test('everything after the first problem', () => {
    const frames = new JsonFrames()
    collect([bytes('nonsense')], frames)
    expect(collect([bytes('{}')], frames)).toMatchObject({
      messages: [],
      problem: { what: 'not a JSON-RPC message' },
    })
  })
})

test('random bytes never throw', () => {
  const alphabet = '{}[]"\\,:0a \n\xff'
  for (let round = 0; round < 5_000; round++) {
    const length = Math.floor(Math.random() * 40)
    const text = Array.from({ length }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join('')
    expect(() => collect([Buffer.from(`{${text}`, 'latin1')])).not.toThrow()
  }
})
