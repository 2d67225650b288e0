import { describe, expect, test } from 'bun:test'
import type { Action, Flow, Match } from '../flow.ts'
import { FlowPiece } from './flow-piece.ts'
import { GroupPiece } from './group-piece.ts'
import { MeterPiece } from './meter-piece.ts'
import { randomFlow, seeded } from './testing-random-flow.ts'

const unit = { feature: 'test', datapathId: 1, objectId: 1 }
const base: Flow = { table: 0, priority: 1, cookie: 1n, match: [], instructions: [] }
const keyOf = (match: Match) => new FlowPiece(unit, { ...base, match }).key
const bodyOf = (...actions: Action[]) =>
  new FlowPiece(unit, { ...base, instructions: [{ type: 'OFPIT_APPLY_ACTIONS', actions }] }).body
const load = (dst: string, offset: number, n_bits: number, value: bigint): Action => ({
  type: 'NXAST_REG_LOAD',
  ofs_nbits: { offset, n_bits },
  dst,
  value,
})
const setField = (field: string, value: unknown): Action => ({
  type: 'OFPAT_SET_FIELD',
  field: { field, value },
})
const load2 = (field: string, value: number, mask: number): Action => ({
  type: 'NXAST_REG_LOAD2',
  field: { field, value, mask },
})

describe('a match', () => {
  test('is the same in any order, under any name, with masks that say nothing', () => {
    const same: Match[] = [
      [
        { field: 'in_port', value: 1 },
        { field: 'eth_type', value: 0x0800 },
        { field: 'ipv4_dst', value: '10.0.0.1' },
      ],
      [
        { field: 'eth_type', value: 0x0800 },
        { field: 'ipv4_dst', value: '10.0.0.1' },
        { field: 'in_port', value: 1 },
      ],
      [
        { field: 'in_port', value: 1 },
        { field: 'nxm_of_eth_type', value: 0x0800 },
        { field: 'nxm_of_ip_dst', value: '10.0.0.1' },
      ],
      [
        { field: 'in_port', value: 1 },
        { field: 'eth_type', value: 0x0800 },
        { field: 'ipv4_dst', value: '10.0.0.1', mask: '255.255.255.255' },
        { field: 'reg0', value: 0, mask: 0 },
      ],
    ]
    expect(new Set(same.map(keyOf)).size).toBe(1)
    expect(keyOf([{ field: 'vlan_vid', value: 0x1005, mask: 0x1fff }])).toBe(
      keyOf([{ field: 'vlan_vid', value: 0x1005 }]),
    )
  })

  test('differs in value, mask, field, table and priority', () => {
    const matches: Match[] = [
      [],
      [{ field: 'reg0', value: 1 }],
      [{ field: 'reg0', value: 2 }],
      [{ field: 'reg1', value: 1 }],
      [{ field: 'reg0', value: 1, mask: 0xff }],
      [{ field: 'reg0', value: 1, mask: 0xfff }],
      [
        { field: 'reg0', value: 1 },
        { field: 'reg1', value: 1 },
      ],
    ]
    const keys = matches.map(keyOf)
    keys.push(
      new FlowPiece(unit, { ...base, table: 1 }).key,
      new FlowPiece(unit, { ...base, priority: 2 }).key,
    )
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('actions', () => {
  test('that set the same bits are the same', () => {
    expect(bodyOf(load('reg0', 0, 32, 7n))).toBe(bodyOf(setField('reg0', 7)))
    expect(bodyOf(load2('reg0', 7, 0xffff_ffff))).toBe(bodyOf(setField('reg0', 7)))
    expect(bodyOf(load('reg0', 8, 4, 5n))).toBe(bodyOf(load2('reg0', 0x500, 0xf00)))
    expect(bodyOf(load('nxm_nx_tun_id', 0, 64, 9n))).toBe(bodyOf(setField('tunnel_id', 9n)))
    expect(bodyOf(load('nxm_of_eth_src', 0, 48, 0x02_00_00_00_00_07n))).toBe(
      bodyOf(setField('eth_src', '02:00:00:00:00:07')),
    )
  })

  test('that do different things differ', () => {
    const output = (port: number | string, max_len: number): Action => ({
      type: 'OFPAT_OUTPUT',
      port,
      max_len,
    })
    const ct = (...actions: Action[]): Action => ({
      type: 'NXAST_CT',
      flags: ['NX_CT_F_COMMIT'],
      zone: 1,
      recirc_table: 2,
      alg: 0,
      actions,
    })
    const controller = (...properties: object[]): Action => ({ type: 'NXAST_CONTROLLER2', properties })
    const bodies = [
      bodyOf(),
      bodyOf(output(1, 0)),
      bodyOf(output(2, 0)),
      bodyOf(output('OFPP_CONTROLLER', 1)),
      bodyOf(output('OFPP_CONTROLLER', 2)),
      bodyOf(output(1, 0), output(2, 0)),
      bodyOf(output(2, 0), output(1, 0)),
      bodyOf(load('reg0', 0, 8, 7n)),
      bodyOf(load('reg0', 0, 9, 7n)),
      bodyOf(load('reg0', 1, 8, 7n)),
      bodyOf(load('reg1', 0, 8, 7n)),
      bodyOf(setField('reg0', 7)),
      bodyOf(ct()),
      bodyOf(ct(setField('ct_mark', 7))),
      bodyOf(ct(), setField('ct_mark', 7)),
      bodyOf(ct(load('ct_mark', 0, 8, 7n))),
      bodyOf(controller()),
      bodyOf(controller({ type: 'NXAC2PT_METER_ID', meter_id: 1 })),
      bodyOf(controller({ type: 'NXAC2PT_MAX_LEN', max_len: 1 })),
      bodyOf(controller({ type: 'NXAC2PT_USERDATA', userdata: Uint8Array.of(1) })),
      bodyOf(controller({ type: 'NXAC2PT_PAUSE' })),
    ]
    expect(new Set(bodies).size).toBe(bodies.length)
    expect(bodyOf(output(1, 0))).toBe(bodyOf(output(1, 99)))
  })
})

describe('a flow', () => {
  test('differs in cookie, time-outs, kept flags and instructions, not in their order', () => {
    const meter = { type: 'OFPIT_METER', meter_id: 1 } as const
    const next = { type: 'OFPIT_GOTO_TABLE', table_id: 4 } as const
    const bodies = [
      base,
      { ...base, cookie: 2n },
      { ...base, idle_timeout: 1 },
      { ...base, hard_timeout: 1 },
      { ...base, flags: ['OFPFF_SEND_FLOW_REM'] },
      { ...base, instructions: [meter] },
      { ...base, instructions: [meter, next] },
    ].map((flow) => new FlowPiece(unit, flow).body)
    expect(new Set(bodies).size).toBe(bodies.length)
    expect(new FlowPiece(unit, { ...base, instructions: [next, meter] }).body).toBe(bodies.at(-1)!)
    expect(new FlowPiece(unit, { ...base, flags: ['OFPFF_RESET_COUNTS'] }).body).toBe(bodies[0]!)
  })

  test('with another bit anywhere in its match or instructions is another flow', () => {
    const below = seeded(3)
    const seen = new Map<string, string>()
    for (let i = 0; i < 3_000; i++) {
      const piece = new FlowPiece(unit, { ...randomFlow(below), cookie: BigInt(i + 1) })
      const known = seen.get(piece.key + piece.body)
      expect(known === undefined || known === piece.text).toBe(true)
      seen.set(piece.key + piece.body, piece.text)
    }
    expect(seen.size).toBe(3_000)
  })

  test('with cookie 0 is refused', () => {
    expect(() => new FlowPiece(unit, { ...base, cookie: 0n })).toThrow('cookie')
  })
})

test('groups and meters differ in what they do', () => {
  const group = (type: 'OFPGT_ALL' | 'OFPGT_SELECT', ...buckets: { weight?: number; actions: Action[] }[]) =>
    new GroupPiece(unit, { group_id: 1, type, buckets }).body
  const out = (port: number): Action => ({ type: 'OFPAT_OUTPUT', port, max_len: 0 })
  const groups = [
    group('OFPGT_ALL'),
    group('OFPGT_SELECT'),
    group('OFPGT_ALL', { actions: [out(1)] }),
    group('OFPGT_ALL', { actions: [out(1), out(2)] }),
    group('OFPGT_ALL', { actions: [out(1)] }, { actions: [out(2)] }),
    group('OFPGT_SELECT', { weight: 1, actions: [] }),
    group('OFPGT_SELECT', { weight: 2, actions: [] }),
  ]
  expect(new Set(groups).size).toBe(groups.length)
  const meter = (rate: number, burst_size: number, ...flags: string[]) =>
    new MeterPiece(unit, { meter_id: 1, flags, bands: [{ type: 'OFPMBT_DROP', rate, burst_size }] }).body
  const meters = [
    meter(1, 1, 'OFPMF_PKTPS'),
    meter(2, 1, 'OFPMF_PKTPS'),
    meter(1, 1, 'OFPMF_KBPS'),
    meter(1, 1, 'OFPMF_PKTPS', 'OFPMF_BURST'),
    meter(1, 2, 'OFPMF_PKTPS', 'OFPMF_BURST'),
  ]
  expect(new Set(meters).size).toBe(meters.length)
  expect(meter(1, 2, 'OFPMF_PKTPS')).toBe(meters[0]!)
})
