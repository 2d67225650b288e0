import { expect, test } from 'bun:test'
import { declarePipeline } from './builder.ts'
import { declareCodes } from './cookies.ts'
import { declareRegisters } from './registers.ts'

const registers = {
  network: { bits: [0, 0, 15], note: 'n' },
  origin: { bits: [0, 16, 17], note: 'o', values: { local: 0, peer: 1 } },
  outPort: { bits: [1, 0, 31], note: 'p' },
} as const

const pipeline = declarePipeline(registers, {
  classifier: {
    id: 0,
    purpose: '',
    match: ['in_port'],
    set: ['network', 'origin'],
    next: ['forward'],
    miss: 'drop',
  },
  forward: {
    id: 5,
    purpose: '',
    match: ['network', 'origin', 'eth_dst', 'ipv4_src'],
    set: ['outPort', 'eth_src'],
    next: ['output'],
    miss: 'output',
  },
  output: { id: 9, purpose: '', match: ['outPort'], next: [], miss: 'drop' },
})

const head = { cookie: 1n, priority: 1 }

/** Never runs: the compiler's refusals are the test. */
function refusedByTheCompiler() {
  // @ts-expect-error classifier does not match eth_dst
  pipeline.flow('classifier', { ...head, match: { eth_dst: 1 }, drop: true })
  // @ts-expect-error classifier cannot go to output
  pipeline.flow('classifier', { ...head, match: {}, goto: 'output' })
  // @ts-expect-error classifier cannot resubmit to output
  pipeline.flow('classifier', { ...head, match: {}, steps: [{ resubmit: 'output' }] })
  // @ts-expect-error output sets nothing
  pipeline.flow('output', { ...head, match: {}, steps: [{ set: 'network', to: 1 }] })
  // @ts-expect-error forward does not set eth_dst
  pipeline.flow('forward', { ...head, match: {}, steps: [{ move: 'eth_src', to: 'eth_dst' }] })
  // @ts-expect-error origin has no such mark
  pipeline.flow('forward', { ...head, match: { origin: 'mars' }, drop: true })
  // @ts-expect-error a register without marks holds numbers
  pipeline.flow('forward', { ...head, match: { network: 'blue' }, drop: true })
  // @ts-expect-error origin has no such mark to set
  pipeline.flow('classifier', { ...head, match: {}, steps: [{ set: 'origin', to: 'mars' }] })
  // @ts-expect-error no such table
  pipeline.flow('nowhere', { ...head, match: {}, drop: true })
  // @ts-expect-error outputOf takes a register
  pipeline.flow('output', { ...head, match: {}, steps: [{ outputOf: 'eth_dst' }] })
  // @ts-expect-error a flow that drops goes nowhere
  pipeline.flow('forward', { ...head, match: {}, drop: true, goto: 'output' })
  // @ts-expect-error next names a table that does not exist
  declarePipeline(registers, { a: { id: 0, purpose: '', match: [], next: ['b'], miss: 'drop' } })
  // @ts-expect-error match names a field that does not exist
  declarePipeline(registers, { a: { id: 0, purpose: '', match: ['colour'], next: [], miss: 'drop' } })
}
void refusedByTheCompiler

test('registers that do not exist, overlap, or cannot hold their marks are refused', () => {
  expect(() => declareRegisters({ op: { bits: [0, 25, 32], note: '' } })).toThrow(
    'op: reg0[25..32] does not exist',
  )
  expect(() => declareRegisters({ op: { bits: [16, 0, 1], note: '' } })).toThrow('reg16[0..1] does not exist')
  expect(() =>
    declareRegisters({ a: { bits: [0, 0, 7], note: '' }, b: { bits: [0, 7, 9], note: '' } }),
  ).toThrow('b overlaps a at reg0[7]')
  expect(() => declareRegisters({ a: { bits: [0, 0, 0], note: '', values: { no: 0, maybe: 2 } } })).toThrow(
    'a: mark maybe = 2 does not fit in 1 bits',
  )
  expect(() => declareRegisters({ a: { bits: [0, 0, 1], note: '', values: { no: 0, none: 0 } } })).toThrow(
    'a: marks no and none are both 0',
  )
})

test('tables that go backwards, are out of order, or have a name twice are refused', () => {
  const table = { purpose: '', match: [], next: [], miss: 'drop' } as const
  expect(() => declarePipeline({}, { a: { ...table, id: 0 }, b: { ...table, id: 1, next: ['a'] } })).toThrow(
    'b → a goes backwards',
  )
  expect(() => declarePipeline({}, { a: { ...table, id: 0, miss: 'a' } })).toThrow('a → a goes backwards')
  expect(() => declarePipeline({}, { a: { ...table, id: 3 }, b: { ...table, id: 3 } })).toThrow(
    'b: table 3 is declared after table 3',
  )
  expect(() => declarePipeline({}, { a: { ...table, id: 254 } })).toThrow('table 254 is not 0 to 253')
  expect(() => declarePipeline(registers, { outPort: { ...table, id: 0 } })).toThrow(
    'outPort is a field and a table',
  )
})

test('codes are unique and never 0', () => {
  const one = declareCodes({ a: { code: 1, note: '' } })
  expect(one.a).toEqual({ name: 'a', code: 1, note: '' })
  expect(() => declareCodes({ b: { code: 1, note: '' } }, one)).toThrow('b and a both have code 1')
  expect(() => declareCodes({ b: { code: 0, note: '' } })).toThrow('code 0 is not 1 to 65535')
})

test('a match has its prerequisites, registers of one word together, and one order', () => {
  const flow = pipeline.flow('forward', {
    ...head,
    match: { ipv4_src: 0x0a000001, eth_dst: 0x020000000001, origin: 'peer', network: 7 },
    steps: [
      { set: 'outPort', to: 3 },
      { set: 'eth_src', to: 2 },
    ],
    goto: 'output',
  })
  expect(flow.table).toBe(5)
  expect(flow.match).toEqual([
    { field: 'reg0', value: 0x10007, mask: 0x3ffff },
    { field: 'eth_type', value: 0x0800 },
    { field: 'eth_dst', value: '02:00:00:00:00:01' },
    { field: 'ipv4_src', value: '10.0.0.1' },
  ])
  expect(flow.instructions.map(({ type }) => type)).toEqual(['OFPIT_APPLY_ACTIONS', 'OFPIT_GOTO_TABLE'])
  expect(pipeline.flow('output', { ...head, match: { outPort: 0xffff_ffff }, drop: true }).match).toEqual([
    { field: 'reg1', value: 0xffff_ffff },
  ])
})

test('values that do not fit are refused', () => {
  expect(() => pipeline.flow('forward', { ...head, match: { network: 0x10000 }, drop: true })).toThrow(
    'network cannot be 65536',
  )
  expect(() => pipeline.flow('forward', { ...head, cookie: 0n, match: {}, drop: true })).toThrow(
    'cookie of 0',
  )
  expect(() => pipeline.flow('forward', { ...head, priority: 65536, match: {}, drop: true })).toThrow(
    'priority 65536',
  )
})

test('a move takes all of a field, or so many of its lowest bits as both have', () => {
  const move = (bits?: number) => {
    const step = { move: 'ipv4_src', to: 'eth_src', ...(bits === undefined ? {} : { bits }) } as const
    return pipeline.flow('forward', { ...head, match: { eth_type: 0x0800 }, steps: [step] }).instructions
  }
  const part = { n_bits: 23, src: 'ipv4_src', src_ofs: 0, dst: 'eth_src', dst_ofs: 0 }
  expect(move(23)).toMatchObject([{ actions: [{ type: 'NXAST_REG_MOVE', ...part }] }])
  expect(() => move()).toThrow('ipv4_src and eth_src are not equally wide')
  for (const bits of [0, 33]) expect(() => move(bits)).toThrow(`ipv4_src to eth_src: ${bits} bits`)
})

test('a packet that was punted is read by the names of its registers', () => {
  const packet = { register: (number: number) => (number === 0 ? 0xffff_1234 : 0xffff_fffe) }
  expect([pipeline.read(packet, 'network'), pipeline.read(packet, 'origin')]).toEqual([0x1234, 3])
  expect(pipeline.read(packet, 'outPort')).toBe(0xffff_fffe)
})

test('tables that send on what they do not match have a flow for it, tables that drop have none', () => {
  expect(pipeline.missFlows(1n)).toEqual([
    {
      table: 5,
      priority: 0,
      cookie: 1n,
      match: [],
      instructions: [{ type: 'OFPIT_GOTO_TABLE', table_id: 9 }],
    },
  ])
})
