import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { FlowFunction, Unit } from '../flow.ts'
import { sessionPort } from '../sync/session-port.ts'
import { type FlowLab, startFlowLab } from '../sync/testing-lab.ts'
import { FlowPiece } from './flow-piece.ts'
import { describeFlow } from './flow-text.ts'
import { GroupPiece } from './group-piece.ts'
import { MeterPiece } from './meter-piece.ts'
import { randomFlow, seeded } from './testing-random-flow.ts'

const unit: Unit = { feature: 'random', datapathId: 1, objectId: 1 }
const nothing: FlowFunction = () => ({ flows: [] })
const flowsPerRound = 1_000
const rounds = 4
const timeout_ms = 30_000

let lab: FlowLab
beforeAll(async () => {
  lab = await startFlowLab({ datapath: nothing }, { limits: { auditIntervalMs: 3_600_000 } })
  await lab.connect()
}, timeout_ms)
afterAll(() => lab?.stop())

const meter = new MeterPiece(unit, {
  meter_id: 1,
  flags: ['OFPMF_PKTPS', 'OFPMF_BURST'],
  bands: [{ type: 'OFPMBT_DROP', rate: 100, burst_size: 20 }],
})
const meters = [
  meter,
  new MeterPiece(unit, {
    meter_id: 2,
    flags: ['OFPMF_KBPS'],
    bands: [{ type: 'OFPMBT_DROP', rate: 5_000, burst_size: 0 }],
  }),
  new MeterPiece(unit, {
    meter_id: 3,
    flags: ['OFPMF_PKTPS', 'OFPMF_STATS'],
    bands: [{ type: 'OFPMBT_DROP', rate: 7, burst_size: 9 }],
  }),
]
const output = (port: number) => ({ type: 'OFPAT_OUTPUT', port, max_len: 0 })
const groups = [
  new GroupPiece(unit, {
    group_id: 1,
    type: 'OFPGT_ALL',
    buckets: [
      { actions: [output(1)] },
      { actions: [output(2), { type: 'OFPAT_SET_FIELD', field: { field: 'reg1', value: 7 } }] },
    ],
  }),
  new GroupPiece(unit, {
    group_id: 2,
    type: 'OFPGT_SELECT',
    buckets: [
      { weight: 5, actions: [output(1)] },
      { weight: 10, actions: [] },
    ],
  }),
  new GroupPiece(unit, {
    group_id: 3,
    type: 'OFPGT_INDIRECT',
    buckets: [{ actions: [{ type: 'NXAST_RESUBMIT_TABLE', in_port: 'OFPP_IN_PORT', table: 9 }] }],
  }),
]

test(
  'meters and groups read back equal',
  async () => {
    const port = sessionPort(lab.session!)
    expect(
      (
        await port.each(
          meters.map(({ bytes }) => bytes),
          timeout_ms,
        )
      ).refused.size,
    ).toBe(0)
    expect(
      await port.bundle(
        groups.map(({ bytes }) => bytes),
        timeout_ms,
      ),
    ).toEqual({ kind: 'applied' })
    const read = await port.read(timeout_ms)
    if (!read.ok) throw new Error(read.problem.what)
    expect(read.value.meters.map(({ key, body }) => [key, body]).sort()).toEqual(
      meters.map(({ key, body }) => [key, body]),
    )
    expect(read.value.groups.map(({ key, body }) => [key, body]).sort()).toEqual(
      groups.map(({ key, body }) => [key, body]),
    )
  },
  timeout_ms,
)

const hex = (text: string | undefined) => text && Buffer.from(text, 'latin1').toString('hex')

for (let round = 1; round <= rounds; round++)
  test(
    `${flowsPerRound} random flows read back equal, seed ${round}`,
    async () => {
      const below = seeded(round * 7_919)
      const port = sessionPort(lab.session!)
      const pieces = new Map<string, FlowPiece>()
      while (pieces.size < flowsPerRound) {
        const piece = new FlowPiece(unit, randomFlow(below))
        pieces.set(piece.key, piece)
      }
      await lab.ovs.ofctl('del-flows', 'br0')
      const list = [...pieces.values()]
      const sent = await port.each(
        list.map(({ bytes }) => bytes),
        timeout_ms,
      )
      const reasons = new Map(
        [...sent.refused].map(([index, problem]) => [problem.received, list[index]!.text]),
      )
      expect([...reasons]).toEqual([])
      const read = await port.read(timeout_ms)
      if (!read.ok) throw new Error(read.problem.what)
      const wrong: string[] = []
      for (const flow of read.value.flows) {
        const piece = pieces.get(flow.key)
        pieces.delete(flow.key)
        if (piece?.body === flow.body) continue
        wrong.push(
          `sent ${piece?.text}\nread ${flow.flow && describeFlow(flow.flow)}\nkey ${hex(flow.key)}\n${hex(piece?.body)}\n${hex(flow.body)}`,
        )
      }
      for (const piece of pieces.values()) wrong.push(`not read: ${piece.text}\nkey ${hex(piece.key)}`)
      expect(wrong.slice(0, 3)).toEqual([])
    },
    timeout_ms,
  )
