import { describe, expect, test } from 'bun:test'
import {
  align,
  bits,
  type Codec,
  CodecError,
  compile,
  countOf,
  flags,
  fromHex,
  type Infer,
  ipv4,
  lazy,
  lengthOf,
  lenientList,
  list,
  literal,
  mac,
  type Node,
  names,
  optional,
  ownLength,
  pad,
  presence,
  rest,
  struct,
  text,
  toHex,
  u8,
  u16,
  u24,
  u32,
  u64,
  u128,
  union,
} from './index.ts'

const bytesOf = (hex: string) => fromHex(hex.replaceAll(' ', ''))!
const read = <T>(codec: Codec<T>, hex: string): T => {
  const result = codec.decode(bytesOf(hex))
  if (!result.ok) throw new Error(JSON.stringify(result.problem))
  return result.value
}
const problem = <T>(codec: Codec<T>, hex: string) => {
  const result = codec.decode(bytesOf(hex))
  if (result.ok) throw new Error('decoded')
  return result.problem
}

describe('scalars', () => {
  const all = struct({ a: u8, b: u16, c: u24, d: u32, e: u64, f: u128, g: mac, h: ipv4 })
  const codec = compile(all)
  const hex =
    '01 0203 040506 0708090a 0b0c0d0e0f101112 131415161718191a1b1c1d1e1f202122 232425262728 292a2b2c'

  test('are most significant byte first', () => {
    expect(read(codec, hex)).toEqual({
      a: 1,
      b: 0x0203,
      c: 0x040506,
      d: 0x0708090a,
      e: 0x0b0c0d0e0f101112n,
      f: 0x131415161718191a1b1c1d1e1f202122n,
      g: '23:24:25:26:27:28',
      h: '41.42.43.44',
    })
    expect(toHex(codec.encode(read(codec, hex)))).toBe(hex.replaceAll(' ', ''))
  })

  test('are checked when written', () => {
    const value = read(codec, hex)
    for (const wrong of [
      { a: 256 },
      { b: -1 },
      { c: 2 ** 24 },
      { d: 1.5 },
      { e: 5 },
      { g: '23:24' },
      { h: '1.2.3' },
    ])
      expect(() => codec.encode({ ...value, ...wrong } as Infer<typeof all>)).toThrow(CodecError)
  })

  test('a wrong value is told with its path', () => {
    const nested = compile(struct({ rows: list(struct({ n: u8 })) }))
    try {
      nested.encode({ rows: [{ n: 1 }, { n: 999 }] })
      throw new Error('encoded')
    } catch (error) {
      expect((error as CodecError).problem).toMatchObject({
        where: 'rows[1].n',
        expected: '0 to 255',
        received: '999',
      })
    }
  })

  test('every prefix is cut off, and says in which field', () => {
    const whole = bytesOf(hex)
    const names = Object.keys(all.fields)
    for (let end = 0; end < whole.length; end++) {
      const result = codec.decode(whole, 0, end)
      if (result.ok) throw new Error(`decoded ${end} bytes`)
      expect(result.problem.what).toBe('cut off')
      expect(names).toContain(result.problem.where.split(' ')[0]!)
    }
  })
})

describe('what has no meaning survives', () => {
  const codec = compile(struct({ n: u8, gap: pad(3), name: text(8), tail: u8 }))

  test('padding and names that are as they should be leave no trace', () => {
    expect(read(codec, '01 000000 6162630000000000 02')).toEqual({ n: 1, name: 'abc', tail: 2 })
  })

  test('padding and bytes behind a NUL are in raw', () => {
    const hex = '01 00ff00 6162630000650066 02'
    const value = read(codec, hex)
    expect(value).toEqual({
      n: 1,
      name: 'abc',
      tail: 2,
      raw: { gap: bytesOf('00ff00'), name: bytesOf('00650066') },
    })
    expect(toHex(codec.encode(value))).toBe(hex.replaceAll(' ', ''))
  })

  test('names that are no UTF-8 come back', () => {
    for (const hex of ['01 000000 ff80c3a900000000 02', '01 000000 c3a9c3a9c3a9c3a9 02'])
      expect(toHex(codec.encode(read(codec, hex)))).toBe(hex.replaceAll(' ', ''))
  })

  test('bytes behind the last field are kept', () => {
    const element = union('thing', [struct({ type: literal(u16, 1, 'one'), length: ownLength, n: u8 })])
    const things = compile(struct({ things: list(element) }))
    const value = read(things, '0001 0007 05 aabb 0001 0005 06')
    expect(value.things).toEqual([
      { type: 'one', n: 5, raw: { trailing: bytesOf('aabb') } },
      { type: 'one', n: 6 },
    ])
    expect(toHex(things.encode(value))).toBe('0001000705aabb0001000506')
  })

  test('unknown names, bits and parts are numbers', () => {
    const words = compile(
      struct({
        code: names(u8, { one: 1 }),
        flags: flags(u8, { a: 1, b: 128 }),
        parts: bits(u16, { hi: [8, 8], lo: [0, 8, 1] }),
      }),
    )
    expect(read(words, '01 81 0102')).toEqual({ code: 'one', flags: ['a', 'b'], parts: { hi: 1, lo: 3 } })
    expect(read(words, '07 04 0102')).toEqual({ code: 7, flags: [4], parts: { hi: 1, lo: 3 } })
    expect(toHex(words.encode({ code: 7, flags: [4, 'a'], parts: { hi: 1, lo: 3 } }))).toBe('07050102')
  })
})

describe('lengths', () => {
  const element = union('item', [
    struct({ type: literal(u8, 1, 'data'), gap: u8, length: ownLength, data: rest }, { outerAlign: 8 }),
    struct({ type: u8, gap: u8, length: ownLength, data: rest }, { outerAlign: 8 }),
  ])
  const codec = compile(struct({ items: list(element) }))

  test('zeros between elements are not counted, and kept where they are none', () => {
    const hex = '01000005aa000000 02000006aabb00ff'
    expect(read(codec, hex).items).toEqual([
      { type: 'data', gap: 0, data: bytesOf('aa') },
      { type: 2, gap: 0, data: bytesOf('aabb'), raw: { padding: bytesOf('00ff') } },
    ])
    expect(toHex(codec.encode(read(codec, hex)))).toBe(hex.replaceAll(' ', ''))
  })

  test('the last element may lack its zeros', () => {
    const hex = '01000005aa000000 02000005aa'
    expect(toHex(codec.encode(read(codec, hex)))).toBe(hex.replaceAll(' ', ''))
  })

  test.each(['01000000', '01000001', '01000003', '0100ffff', '01000005', '010000'])(
    '%s is refused',
    (hex) => {
      expect(problem(codec, hex).where).toStartWith('items[0]')
    },
  )

  test('a lenient list ends where a length makes no sense', () => {
    const lenient = compile(struct({ items: lenientList(element) }))
    const value = read(lenient, '01000005aa000000 0000')
    expect(value.items.length).toBe(1)
    expect(toHex(lenient.encode(value))).toBe('01000005aa0000000000')
  })

  test('of other fields, and counts', () => {
    const both = compile(
      struct({ n: lengthOf('data'), c: countOf('ids'), data: rest, ids: list(u16), end: align(4) }),
    )
    const value = { data: bytesOf('aabbcc'), ids: [1, 2] }
    expect(toHex(both.encode(value))).toBe('00030002aabbcc0001000200')
    expect(read(both, '00030002aabbcc0001000200')).toEqual(value)
    expect(problem(both, '00090002aabb').where).toStartWith('data')
    expect(problem(both, '00010009aabbcc').where).toStartWith('ids')
  })
})

describe('optional fields', () => {
  const announced = compile(
    struct({ which: presence({ a: 1, b: 2 }), a: optional(u32), b: optional(u16), end: align(8) }),
  )
  test('are announced by a word of bits', () => {
    expect(toHex(announced.encode({ b: 7 }))).toBe('0002000700000000')
    expect(read(announced, '0003000000050007')).toEqual({ a: 5, b: 7 })
    expect(problem(announced, '0003000000').where).toStartWith('a')
  })
  test('unknown bits are kept', () => {
    expect(toHex(announced.encode(read(announced, '8002000700000000')))).toBe('8002000700000000')
  })
  test('or by a flag', () => {
    const flagged = compile(
      struct({
        flags: flags(u16, { long: 4 }),
        more: optional(u16, { field: 'flags', flag: 'long', bit: 4 }),
      }),
    )
    expect(read(flagged, '00040009')).toEqual({ flags: ['long'], more: 9 })
    expect(toHex(flagged.encode({ flags: [] }))).toBe('0000')
    expect(() => flagged.encode({ flags: [], more: 3 })).toThrow(CodecError)
  })
})

test('nesting has a limit', () => {
  interface Nest {
    type: 'nest'
    inside: readonly Nest[]
  }
  const inside: Node<readonly Nest[]> = lazy(() => list(nest))
  const nest: Node<Nest> = union('nest', [
    struct({ type: literal(u16, 1, 'nest'), length: ownLength, inside }),
  ]) as never
  const codec = compile(struct({ inside: list(nest) }))
  const deep = (levels: number) => {
    const bytes = new Uint8Array(4 * levels)
    for (let i = 0; i < levels; i++) bytes.set([0, 1, (4 * (levels - i)) >> 8, 4 * (levels - i)], 4 * i)
    return codec.decode(bytes)
  }
  expect(deep(100).ok).toBe(true)
  const result = deep(5000)
  expect(result.ok ? undefined : result.problem.what).toBe('nested too deeply')
  expect(deep(100).ok).toBe(true)
})

test('types are inferred', () => {
  const node = struct({ n: u8, gap: pad(1), big: u64, kind: names(u8, { one: 1 }), more: optional(u8) })
  const value: Infer<typeof node> = { n: 1, big: 2n, kind: 'one' }
  // @ts-expect-error a 64-bit number is a bigint
  value.big = 3
  // @ts-expect-error padding is not part of the value
  value.gap
  // @ts-expect-error there is no such name
  value.kind = 'two'
  expect(value.more).toBeUndefined()
})
