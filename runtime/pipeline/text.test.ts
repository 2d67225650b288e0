import { expect, test } from 'bun:test'
import { declarePipeline } from './builder.ts'
import { pipelineCharts } from './charts.ts'
import { codeOf, cookieOf, declareCodes, objectIdOf } from './cookies.ts'
import type { Flow } from './flow.ts'
import { flowsText, flowText } from './text.ts'

const pipeline = declarePipeline(
  {
    network: { bits: [0, 0, 15], note: 'the network' },
    origin: { bits: [0, 16, 17], note: 'who sent it', values: { local: 0, peer: 1 } },
    outPort: { bits: [1, 0, 31], note: 'the port' },
  },
  {
    classifier: {
      id: 0,
      purpose: 'what is this port',
      match: ['in_port', 'eth_dst'],
      set: ['network', 'origin'],
      next: ['forward'],
      miss: 'drop',
    },
    forward: {
      id: 7,
      purpose: 'where to',
      match: ['network', 'origin', 'ipv4_dst', 'tcp_dst'],
      set: ['outPort', 'eth_dst', 'tunnel_id'],
      next: ['output'],
      miss: 'output',
    },
    output: { id: 9, purpose: 'out', match: ['outPort'], next: [], miss: 'drop' },
  },
)
const head = { cookie: 1n, priority: 5 }
const text = (flow: Flow) => flowText(pipeline, flow)

test('flows read with the names of tables, registers, marks and ports', () => {
  const classify = pipeline.flow('classifier', {
    ...head,
    match: { in_port: 0xffff_fffe, eth_dst: { value: 1, mask: 3 } },
    steps: [
      { set: 'network', to: 7 },
      { set: 'origin', to: 'peer' },
    ],
    goto: 'forward',
  })
  expect(text(classify)).toBe(
    'classifier 5 in_port=local eth_dst=00:00:00:00:00:01/00:00:00:00:00:03 → network=7, origin=peer, goto forward',
  )
  const forward = pipeline.flow('forward', {
    ...head,
    match: { network: 7, origin: 'local', ipv4_dst: 0x0a000001, tcp_dst: 80 },
    meterId: 4,
    steps: [
      { set: 'tunnel_id', to: 9 },
      { resubmit: 'output' },
      { output: 'in_port' },
      { punt: { meterId: 3 } },
    ],
  })
  expect(text(forward)).toBe(
    'forward 5 network=7 origin=local ip tcp ipv4_dst=10.0.0.1 tcp_dst=80 → meter 4, tunnel_id=9, resubmit output, output in_port, punt',
  )
  expect(text(pipeline.flow('output', { ...head, match: {}, steps: [{ outputOf: 'outPort' }] }))).toBe(
    'output 5 * → output outPort',
  )
  expect(text(pipeline.flow('output', { ...head, match: { outPort: 3 }, drop: true }))).toBe(
    'output 5 outPort=3 → drop',
  )
})

test('what has no name is shown as it is', () => {
  const flow: Flow = {
    table: 8,
    priority: 1,
    cookie: 1n,
    match: [
      { field: 'reg0', value: 0x10003, mask: 0x1000f },
      { field: 'reg5', value: 1 },
    ],
    instructions: [{ type: 'OFPIT_APPLY_ACTIONS', actions: [{ type: 'OFPAT_SET_QUEUE', queue_id: 4 }] }],
  }
  expect(text(flow)).toBe(
    '8 1 reg0=0x10003/0x1000f reg5=0x1/0xffffffff → {"type":"OFPAT_SET_QUEUE","queue_id":4}',
  )
})

test('flows are in the order in which a switch looks at them', () => {
  const flow = (table: 'classifier' | 'output', priority: number) =>
    pipeline.flow(table, { cookie: 1n, priority, match: {}, drop: true })
  expect(flowsText(pipeline, [flow('output', 1), flow('classifier', 1), flow('classifier', 9)])).toBe(
    'classifier 9 * → drop\nclassifier 1 * → drop\noutput 1 * → drop',
  )
})

test('cookies carry code and object, even one that is not committed yet', () => {
  const { a } = declareCodes({ a: { code: 0x8001, note: '' } })
  const cookie = cookieOf(a, 123_456_789_012)
  expect([codeOf(cookie), objectIdOf(cookie)]).toEqual([0x8001, 123_456_789_012])
  expect(codeOf(cookieOf(a, -1_000_000_000_000))).toBe(0x8001)
})

test('charts have a row each table, register and code', () => {
  const charts = pipelineCharts(pipeline, declareCodes({ a: { code: 5, note: 'somebody' } }))
  expect(charts).toContain(
    '| 7 | `forward` | where to | network, origin, ipv4_dst, tcp_dst | outPort, eth_dst, tunnel_id | output | output |',
  )
  expect(charts).toContain('| reg0[16..17] | `origin` | 0 local, 1 peer | who sent it |')
  expect(charts).toContain('| 0x0005 | `a` | somebody |')
})
