/** Random flows that Open vSwitch takes, over the fields and actions that pipelines use: for tests of canonical forms. */
import type { Action, Flow, Instruction, MatchField } from '../flow.ts'

/** Less than `n`. */
export type Below = (n: number) => number

/** A generator of a seed (Lehmer). */
export function seeded(seed: number): Below {
  let state = seed
  return (n) => (state = (state * 48_271) % 2_147_483_647) % n
}

const hex2 = (value: number): string => value.toString(16).padStart(2, '0')
const mac = (below: Below): string => `02:${[1, 2, 3, 4, 5].map(() => hex2(below(256))).join(':')}`
const ipv4 = (below: Below): string => [10, below(256), below(256), below(256)].join('.')
const ipv6 = (below: Below): string => `fd00::${below(65_536).toString(16)}:${below(65_536).toString(16)}`
const u16 = (below: Below): number => below(65_536)
const u32 = (below: Below): number => below(65_536) * 65_536 + below(65_536)
const u64 = (below: Below): bigint => BigInt(u32(below)) * 0x1_0000_0000n + BigInt(u32(below))
const pick = <T>(below: Below, items: readonly T[]): T => items[below(items.length)]!
const some = <T>(below: Below, items: readonly T[]): T[] => items.filter(() => below(2) === 0)

/** A switch refuses bits outside of a mask. */
const within = (value: number, mask: number) => ({ value: (value & mask) >>> 0, mask })
const within64 = (value: bigint, mask: bigint) => ({ value: value & mask, mask })

/** What goes with each kind of packet: prerequisites first. */
const packets: readonly ((below: Below) => MatchField[])[] = [
  () => [],
  (below) => [
    { field: 'eth_type', value: 0x0806 },
    ...some<MatchField>(below, [
      { field: 'arp_op', value: 1 + below(2) },
      { field: 'arp_spa', value: ipv4(below) },
      { field: 'arp_tpa', value: '10.7.0.0', mask: '255.255.0.0' },
      { field: 'arp_sha', value: mac(below) },
      { field: 'arp_tha', value: mac(below) },
    ]),
  ],
  (below) => [
    { field: 'eth_type', value: 0x0800 },
    ...some<MatchField>(below, [
      { field: 'ipv4_src', value: ipv4(below) },
      pick<MatchField>(below, [
        { field: 'ipv4_dst', value: `10.1.${below(256)}.0`, mask: '255.255.255.0' },
        { field: 'ipv4_dst', value: ipv4(below), mask: '255.255.255.255' },
        { field: 'ipv4_dst', value: '0.0.0.0', mask: '0.0.0.0' },
      ]),
      { field: 'nw_ttl', value: below(256) },
      { field: 'ip_frag', value: [], mask: ['any'] } as unknown as MatchField,
    ]),
  ],
  (below) => [
    { field: 'eth_type', value: 0x0800 },
    { field: 'ip_proto', value: 17 },
    ...some<MatchField>(below, [
      { field: 'udp_src', value: u16(below) },
      { field: 'udp_dst', ...within(u16(below), pick(below, [0xfff0, 0xffff])) },
    ]),
  ],
  (below) => [
    { field: 'eth_type', value: 0x86dd },
    { field: 'ip_proto', value: 6 },
    ...some<MatchField>(below, [
      { field: 'ipv6_src', value: ipv6(below) },
      { field: 'ipv6_dst', value: `fd00:0:0:${below(9)}::`, mask: 'ffff:ffff:ffff:ffff::' },
      { field: 'tcp_dst', value: u16(below) },
    ]),
  ],
  (below) => [
    { field: 'eth_type', value: 0x86dd },
    { field: 'ip_proto', value: 58 },
    { field: 'icmpv6_type', value: 135 },
    { field: 'icmpv6_code', value: 0 },
    ...some<MatchField>(below, [
      { field: 'ipv6_nd_target', value: ipv6(below) },
      { field: 'ipv6_nd_sll', value: mac(below) },
    ]),
  ],
]

const anyPacket = (below: Below): MatchField[] =>
  some<MatchField>(below, [
    { field: 'in_port', value: pick<number | string>(below, [1, 2, 65_000, 'OFPP_LOCAL']) },
    { field: 'metadata', ...within64(u64(below), pick(below, [0xffff_ffff_ffff_ffffn, 0xff00n])) },
    { field: 'reg0', value: u32(below) },
    { field: 'reg1', ...within(u32(below), pick(below, [0xffff, 0xffff_ffff, 0, 0x8000_0001])) },
    { field: 'reg7', value: below(2), mask: 1 },
    { field: 'tunnel_id', ...within64(u64(below), pick(below, [0xff_ffffn, 0xffff_ffff_ffff_ffffn])) },
    { field: 'tun_src', value: ipv4(below) },
    pick<MatchField>(below, [
      { field: 'eth_dst', value: '01:00:00:00:00:00', mask: '01:00:00:00:00:00' },
      { field: 'eth_dst', value: mac(below), mask: 'ff:ff:ff:ff:ff:ff' },
    ]),
    { field: 'eth_src', value: mac(below) },
    { field: 'vlan_vid', value: pick(below, [0, 0x1005]) },
    { field: 'ct_state', value: ['trk'], mask: ['trk', 'new'] } as unknown as MatchField,
    { field: 'ct_mark', ...within(u32(below), 0xff) },
    { field: 'conj_id', value: 1 + below(1000) },
  ])

function shuffled<T>(below: Below, items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = below(i + 1)
    const kept = items[i]!
    items[i] = items[j]!
    items[j] = kept
  }
  return items
}

/** In any order that keeps what a field needs before it. */
function randomMatch(below: Below): MatchField[] {
  const packet = pick(below, packets)(below)
  const fields = shuffled(below, anyPacket(below))
  const place = below(fields.length + 1)
  return [...fields.slice(0, place), ...packet, ...fields.slice(place)]
}

const load = (dst: string, offset: number, bits: number, value: bigint): Action => ({
  type: 'NXAST_REG_LOAD',
  ofs_nbits: { offset, n_bits: bits },
  dst,
  value: value & ((1n << BigInt(bits)) - 1n),
})

const setField = (field: string, value: unknown): Action => ({
  type: 'OFPAT_SET_FIELD',
  field: { field, value },
})

const plainActions: readonly ((below: Below) => Action)[] = [
  (below) => ({
    type: 'OFPAT_OUTPUT',
    port: pick<number | string>(below, [1, 2, 7, 'OFPP_IN_PORT', 'OFPP_LOCAL']),
    max_len: pick(below, [0, 128, 'OFPCML_NO_BUFFER']),
  }),
  (below) => ({
    type: 'OFPAT_OUTPUT',
    port: 'OFPP_CONTROLLER',
    max_len: pick(below, [128, 'OFPCML_NO_BUFFER']),
  }),
  (below) => load('reg0', 0, 32, u64(below)),
  (below) => load('reg3', below(16), 1 + below(16), u64(below)),
  (below) => load('nxm_nx_tun_id', 0, 64, u64(below)),
  (below) => load('nxm_of_in_port', 0, 16, 0n * u64(below)),
  (below) => load('nxm_of_eth_dst', 0, 48, u64(below)),
  (below) => setField('reg2', u32(below)),
  (below) => setField('eth_src', mac(below)),
  (below) => setField('tunnel_id', u64(below)),
  (below) => setField('tun_dst', ipv4(below)),
  (below) => setField('metadata', u64(below)),
  (below) => ({
    type: 'NXAST_REG_LOAD2',
    field: { field: 'reg4', ...within(u32(below), pick(below, [0xff00, 0xffff_ffff, 0x8000_0001])) },
  }),
  (below) => ({
    type: 'NXAST_REG_MOVE',
    n_bits: 32,
    src: 'reg0',
    src_ofs: 0,
    dst: pick(below, ['reg5', 'tun_dst']),
    dst_ofs: 0,
  }),
  () => ({
    type: 'NXAST_REG_MOVE',
    n_bits: 48,
    src: 'nxm_of_eth_src',
    src_ofs: 0,
    dst: 'nxm_of_eth_dst',
    dst_ofs: 0,
  }),
  (below) => ({
    type: 'NXAST_RESUBMIT_TABLE',
    in_port: pick<number | string>(below, ['OFPP_IN_PORT', 3]),
    table: 1 + below(200),
  }),
  (below) => ({
    type: 'NXAST_OUTPUT_REG',
    ofs_nbits: { offset: 0, n_bits: 16 },
    src: 'reg6',
    max_len: pick(below, [0, 64]),
  }),
  (below) => ({
    type: 'NXAST_CONTROLLER2',
    properties: some<object>(below, [
      { type: 'NXAC2PT_MAX_LEN', max_len: 128 + below(100) },
      { type: 'NXAC2PT_METER_ID', meter_id: 1 },
      { type: 'NXAC2PT_USERDATA', userdata: Uint8Array.of(1, 2, below(256)) },
      { type: 'NXAC2PT_PAUSE' },
    ]),
  }),
  (below) => ({ type: 'OFPAT_GROUP', group_id: 1 + below(1) }),
  () => ({ type: 'NXAST_CT_CLEAR' }),
  (below) => ({
    type: 'NXAST_CLONE',
    actions: [load('reg0', 0, 16, u64(below)), { type: 'OFPAT_OUTPUT', port: 2, max_len: 5 }],
  }),
  (below) => ({ type: 'NXAST_NOTE', note: Uint8Array.of(1, 2, 3, 4, 5, below(256)) }),
  (below) => ({
    type: 'NXAST_LEARN2',
    idle_timeout: 1 + below(100),
    hard_timeout: 1 + below(100),
    priority: 50,
    cookie: 1n + u64(below),
    flags: ['NX_LEARN_F_DELETE_LEARNED', 'NX_LEARN_F_WRITE_RESULT'],
    table_id: 200,
    fin_idle_timeout: 0,
    fin_hard_timeout: 0,
    limit: 1 + below(100),
    result_dst_ofs: below(32),
    result_dst: 'reg13',
    specs: [
      { n_bits: 24, src: { field: 'reg0', offset: 0 }, to: 'match', dst: { field: 'reg0', offset: 0 } },
      {
        n_bits: 24,
        value: Uint8Array.of(0, below(256), 1, 2),
        to: 'load',
        dst: { field: 'reg2', offset: 3 },
      },
    ],
  }),
]

const ipActions: readonly ((below: Below) => Action)[] = [
  (below) => setField('ipv4_dst', ipv4(below)),
  (below) => load('nxm_of_ip_src', 0, 32, u64(below)),
  () => ({ type: 'OFPAT_DEC_NW_TTL' }),
  (below) => ({
    type: pick(below, ['NXAST_STACK_PUSH', 'NXAST_STACK_POP']),
    ...pick(below, [
      { field: 'eth_dst', offset: 0, n_bits: 48 },
      { field: 'reg3', offset: 4, n_bits: 8 },
    ]),
  }),
  (below) => ({ type: 'NXAST_CHECK_PKT_LARGER', pkt_len: 64 + below(9000), dst: 'reg10', offset: below(32) }),
  (below) => ({
    type: 'NXAST_CT',
    flags: [],
    zone: pick<unknown>(below, [5, { src: 'reg1', offset: 0, n_bits: 16 }]),
    recirc_table: 1 + below(100),
    alg: 0,
    actions: [],
  }),
  (below) => ({
    type: 'NXAST_CT',
    flags: ['NX_CT_F_COMMIT'],
    zone: below(100),
    recirc_table: 'NX_CT_RECIRC_NONE',
    alg: 0,
    actions: [setField('ct_mark', u32(below)), load('ct_mark', 0, 8, u64(below))].slice(0, 1 + below(2)),
  }),
  (below) => ({
    type: 'NXAST_CT',
    flags: ['NX_CT_F_COMMIT'],
    zone: 7,
    recirc_table: 3,
    alg: 0,
    actions: [{ type: 'NXAST_NAT', flags: ['NX_NAT_F_SRC'], ipv4_min: ipv4(below) }],
  }),
]

function randomInstructions(below: Below, table: number, isIpv4: boolean): Instruction[] {
  const choices = isIpv4 ? [...plainActions, ...ipActions] : plainActions
  const tag = [{ type: 'OFPAT_PUSH_VLAN', ethertype: 0x8100 }, setField('vlan_vid', 0x1000 + below(4_096))]
  const others = Array.from({ length: below(5) }, () => pick(below, choices)(below))
  const actions = below(4) === 0 ? [...tag, ...others] : others
  const instructions: Instruction[] = [{ type: 'OFPIT_APPLY_ACTIONS', actions }]
  return shuffled(below, [
    ...instructions,
    ...some<Instruction>(below, [
      { type: 'OFPIT_GOTO_TABLE', table_id: table + 1 },
      { type: 'OFPIT_METER', meter_id: 1 },
      {
        type: 'OFPIT_WRITE_METADATA',
        metadata: u64(below),
        metadata_mask: pick(below, [0xffffn, 0xffff_ffff_ffff_ffffn]),
      },
      { type: 'OFPIT_WRITE_ACTIONS', actions: [{ type: 'OFPAT_OUTPUT', port: 4, max_len: 77 }] },
      { type: 'OFPIT_CLEAR_ACTIONS' },
    ]),
  ])
}

/** A flow in a table below 190; needs meter 1 and group 1. */
export function randomFlow(below: Below): Flow {
  const table = below(190)
  const match = randomMatch(below)
  const isIpv4 = match.some(({ field, value }) => field === 'eth_type' && value === 0x0800)
  return {
    table,
    priority: below(65_536),
    cookie: u64(below) | 1n,
    match,
    instructions: randomInstructions(below, table, isIpv4),
    idle_timeout: pick(below, [0, 0, 600]),
    hard_timeout: pick(below, [0, 0, 3_600]),
    flags: some(below, ['OFPFF_SEND_FLOW_REM', 'OFPFF_RESET_COUNTS']),
  }
}
