/** What a real Open vSwitch answers must come back from our values byte for byte, and what we write must mean the same to it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type OpenVswitch, startOpenVswitch } from '../../tests/support/open-vswitch.ts'
import { fromHex, toHex } from '../wire/index.ts'
import { encode, type FlowMod, fromJson, type Message, toJson } from './index.ts'
import { actions, matches } from './testing/flow-texts.ts'
import { capture } from './testing/ofctl.ts'
import { messageOf, SwitchConnection } from './testing/switch.ts'

const startTimeMaxMs = 30_000
const frame = fromHex('00530000000100530000000208004500001c0000000040010000c0000201c63364010800000000000000')!
const head = { version: 4, xid: 5 } as const
const request = { ...head, type: 'OFPT_MULTIPART_REQUEST', flags: [] } as const
const everything = {
  table_id: 'OFPTT_ALL',
  out_port: 'OFPP_ANY',
  out_group: 'OFPG_ANY',
  cookie: 0n,
  cookie_mask: 0n,
  match: [],
} as const
const flowMod = {
  ...head,
  type: 'OFPT_FLOW_MOD',
  cookie: 9n,
  cookie_mask: 0n,
  table_id: 0,
  command: 'OFPFC_ADD',
  idle_timeout: 0,
  hard_timeout: 0,
  priority: 100,
  buffer_id: 'OFP_NO_BUFFER',
  out_port: 'OFPP_ANY',
  out_group: 'OFPG_ANY',
  flags: [],
} as const

let ovs: OpenVswitch
let connection: SwitchConnection

beforeAll(async () => {
  ovs = await startOpenVswitch({ name: 'codec' })
  const settings = ['datapath_type=netdev', 'fail_mode=secure', 'other_config:disable-in-band=true']
  await ovs.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', ...settings)
  await ovs.vsctl('add-port', 'br0', 'p1', '--', 'set', 'interface', 'p1', 'type=internal')
  connection = await SwitchConnection.open(await ovs.mgmt('br0'))
}, startTimeMaxMs)

afterAll(async () => {
  connection?.close()
  await ovs?.stop()
})

/** Every message comes back through JSON text, and nothing in it is unknown. */
function roundTrips(messages: readonly Uint8Array[]): void {
  for (const bytes of messages) {
    const text = JSON.stringify(toJson(messageOf(bytes)))
    expect(text).not.toMatch(/"unknown"|"type":\d|"raw"/)
    const again = fromJson(JSON.parse(text))
    if (!again.ok) throw new Error(JSON.stringify(again.problem))
    expect(toHex(encode(again.value))).toBe(toHex(bytes))
  }
}

const errorsAmong = (messages: readonly Uint8Array[]) =>
  messages.map(messageOf).filter((message) => message.type === 'OFPT_ERROR')

const requests: Message[] = [
  { ...head, type: 'OFPT_FEATURES_REQUEST' },
  { ...head, type: 'OFPT_GET_CONFIG_REQUEST' },
  { ...head, type: 'OFPT_GET_ASYNC_REQUEST' },
  { ...head, type: 'OFPT_ROLE_REQUEST', role: 'OFPCR_ROLE_NOCHANGE', generation_id: 0n },
  { ...head, type: 'OFPT_QUEUE_GET_CONFIG_REQUEST', port: 'OFPP_ANY' },
  { ...head, type: 'NXT_TLV_TABLE_REQUEST' },
  { ...request, multipart_type: 'OFPMP_DESC' },
  { ...request, multipart_type: 'OFPMP_TABLE' },
  { ...request, multipart_type: 'OFPMP_TABLE_FEATURES', body: [] },
  { ...request, multipart_type: 'OFPMP_PORT_DESC' },
  { ...request, multipart_type: 'OFPMP_PORT_STATS', body: { port_no: 'OFPP_ANY' } },
  { ...request, multipart_type: 'OFPMP_QUEUE', body: { port_no: 'OFPP_ANY', queue_id: 'OFPQ_ALL' } },
  { ...request, multipart_type: 'OFPMP_GROUP_FEATURES' },
  { ...request, multipart_type: 'OFPMP_METER_FEATURES' },
  { ...request, multipart_type: 'OFPMP_AGGREGATE', body: everything },
]

describe('answers', () => {
  test.each(requests.map((message) => [JSON.stringify(toJson(message)), message] as const))(
    '%s',
    async (_, message) => {
      const answers = await connection.exchange([message])
      expect(errorsAmong(answers)).toEqual([])
      expect(answers.length).toBeGreaterThan(0)
      roundTrips(answers)
    },
  )
})

test('flows read back as they were written', async () => {
  const maps = Array.from({ length: 3 }, (_, i) => ({
    option_class: 0x102,
    option_type: i,
    option_len: 4,
    index: [0, 1, 63][i]!,
  }))
  const mapped = await connection.exchange([
    { ...head, type: 'NXT_TLV_TABLE_MOD', command: 'NXTTMC_ADD', maps },
  ])
  expect(errorsAmong(mapped)).toEqual([])
  let installed = 0
  for (const text of [...matches.map((match) => `${match} actions=drop`), ...actions]) {
    const flow = (await capture('add-flow', [text])).messages
      .map(messageOf)
      .find((message) => message.type === 'OFPT_FLOW_MOD')
    if (!flow) throw new Error(text)
    const answers = await connection.exchange([{ ...flow, priority: installed + 1 }])
    roundTrips(answers)
    if (errorsAmong(answers).length === 0) installed++
  }
  const answers = await connection.exchange([{ ...request, multipart_type: 'OFPMP_FLOW', body: everything }])
  roundTrips(answers)
  const flows = answers
    .map(messageOf)
    .flatMap((part) =>
      part.type === 'OFPT_MULTIPART_REPLY' && part.multipart_type === 'OFPMP_FLOW' ? part.body : [],
    )
  // Some need groups, meters or features that this switch has not; most must be there.
  expect(installed).toBeGreaterThan(80)
  expect(flows.length).toBe(installed)
}, 60_000)

test('groups and meters read back', async () => {
  const drop = { type: 'OFPMBT_DROP', rate: 100, burst_size: 10 } as const
  const output = { type: 'OFPAT_OUTPUT', port: 1, max_len: 0 } as const
  const bucket = { weight: 7, watch_port: 'OFPP_ANY', watch_group: 'OFPG_ANY', actions: [output] } as const
  const answers = await connection.exchange([
    {
      ...head,
      type: 'OFPT_GROUP_MOD',
      command: 'OFPGC_ADD',
      group_type: 'OFPGT_SELECT',
      group_id: 1,
      buckets: [bucket, bucket],
    },
    {
      ...head,
      type: 'OFPT_METER_MOD',
      command: 'OFPMC_ADD',
      flags: ['OFPMF_PKTPS', 'OFPMF_BURST'],
      meter_id: 2,
      bands: [drop],
    },
    { ...request, multipart_type: 'OFPMP_GROUP', body: { group_id: 'OFPG_ALL' } },
    { ...request, multipart_type: 'OFPMP_GROUP_DESC' },
    { ...request, multipart_type: 'OFPMP_METER', body: { meter_id: 'OFPM_ALL' } },
    { ...request, multipart_type: 'OFPMP_METER_CONFIG', body: { meter_id: 'OFPM_ALL' } },
  ])
  expect(errorsAmong(answers)).toEqual([])
  roundTrips(answers)
  expect(answers.map(messageOf)).toMatchObject([
    { multipart_type: 'OFPMP_GROUP', body: [{ group_id: 1 }] },
    { multipart_type: 'OFPMP_GROUP_DESC', body: [{ group_id: 1, buckets: [bucket, bucket] }] },
    { multipart_type: 'OFPMP_METER', body: [{ meter_id: 2 }] },
    { multipart_type: 'OFPMP_METER_CONFIG', body: [{ meter_id: 2, bands: [drop] }] },
  ])
})

describe('packets', () => {
  const packetOut = {
    ...head,
    type: 'OFPT_PACKET_OUT',
    buffer_id: 'OFP_NO_BUFFER',
    in_port: 'OFPP_CONTROLLER',
    data: frame,
  } as const
  const resubmit = { type: 'OFPAT_OUTPUT', port: 'OFPP_TABLE', max_len: 0 } as const
  const isPacketIn = (bytes: Uint8Array) =>
    ['OFPT_PACKET_IN', 'NXT_PACKET_IN', 'NXT_PACKET_IN2'].includes(String(messageOf(bytes).type))
  const punt = (
    ...properties: Extract<
      Extract<FlowMod['instructions'][number], { type: 'OFPIT_APPLY_ACTIONS' }>['actions'][number],
      { type: 'NXAST_CONTROLLER2' }
    >['properties']
  ): Message => ({
    ...flowMod,
    command: 'OFPFC_ADD',
    priority: 60_000,
    match: [{ field: 'in_port', value: 'OFPP_CONTROLLER' }],
    instructions: [
      {
        type: 'OFPIT_APPLY_ACTIONS',
        actions: [
          { type: 'OFPAT_SET_FIELD', field: { field: 'reg3', value: 7 } },
          { type: 'NXAST_CONTROLLER2', properties },
        ],
      },
    ],
  })

  test.each(['NXPIF_STANDARD', 'NXPIF_NXT_PACKET_IN', 'NXPIF_NXT_PACKET_IN2'] as const)(
    'in format %s',
    async (format) => {
      const from = connection.received.length
      const answers = await connection.exchange([
        { ...head, type: 'OFPT_SET_CONFIG', flags: 'OFPC_FRAG_NORMAL', miss_send_len: 'OFPCML_NO_BUFFER' },
        { ...head, type: 'NXT_SET_PACKET_IN_FORMAT', format },
        punt({ type: 'NXAC2PT_USERDATA', userdata: fromHex('010203')! }),
        { ...packetOut, actions: [resubmit] },
      ])
      expect(errorsAmong(answers)).toEqual([])
      roundTrips([await connection.until(isPacketIn, from)])
    },
  )

  test('a paused packet is resumed', async () => {
    const paused = connection.received.length
    connection.send({ ...head, type: 'NXT_SET_PACKET_IN_FORMAT', format: 'NXPIF_NXT_PACKET_IN2' })
    connection.send(punt({ type: 'NXAC2PT_PAUSE' }, { type: 'NXAC2PT_MAX_LEN', max_len: 0xffff }))
    connection.send({ ...packetOut, actions: [resubmit] })
    const packetIn = messageOf(await connection.until(isPacketIn, paused))
    if (packetIn.type !== 'NXT_PACKET_IN2') throw new Error(`a ${packetIn.type}`)
    expect(packetIn.properties.map((property) => property.type)).toContain('NXPINT_CONTINUATION')
    expect(packetIn.properties.find((property) => property.type === 'NXPINT_METADATA')).toMatchObject({
      metadata: expect.arrayContaining([{ field: 'reg3', value: 7 }]),
    })
    const answers = await connection.exchange([{ ...packetIn, type: 'NXT_RESUME' }])
    expect(errorsAmong(answers)).toEqual([])
  })
})

test('a bundle is committed, and its flow monitored', async () => {
  const monitor = {
    id: 1,
    flags: ['ONFFMF_ADD', 'ONFFMF_DELETE', 'ONFFMF_ACTIONS', 'ONFFMF_OWN'],
    match_len: 4,
    out_port: 'OFPP_ANY',
    table_id: 7,
    match: [],
  } as const
  const bundle = { ...head, bundle_id: 3, flags: ['OFPBF_ATOMIC', 'OFPBF_ORDERED'], properties: [] } as const
  const flow = {
    ...flowMod,
    table_id: 7,
    match: [{ field: 'in_port', value: 1 }],
    instructions: [{ type: 'OFPIT_GOTO_TABLE', table_id: 9 }],
  } as const
  const answers = await connection.exchange([
    { ...request, multipart_type: 'ONFST_FLOW_MONITOR', body: [monitor] },
    { ...bundle, type: 'ONFT_BUNDLE_CONTROL', ctrl_type: 'OFPBCT_OPEN_REQUEST' },
    { ...bundle, type: 'ONFT_BUNDLE_ADD_MESSAGE', message: flow },
    { ...bundle, type: 'ONFT_BUNDLE_CONTROL', ctrl_type: 'OFPBCT_COMMIT_REQUEST' },
    { ...flow, command: 'OFPFC_DELETE' },
    { ...head, type: 'ONFT_FLOW_MONITOR_CANCEL', id: 1 },
  ])
  expect(errorsAmong(answers)).toEqual([])
  roundTrips(answers)
  const events = answers
    .map(messageOf)
    .flatMap((part) =>
      part.type === 'OFPT_MULTIPART_REPLY' && part.multipart_type === 'ONFST_FLOW_MONITOR' ? part.body : [],
    )
  expect(events.map((event) => event.event)).toEqual(['ONFFME_ADDED', 'ONFFME_DELETED'])
})

test('an error holds the message that it is about', async () => {
  const wrong = {
    ...flowMod,
    table_id: 200,
    match: [{ field: 'ipv4_src', value: '192.0.2.1' }],
    instructions: [],
  } as const
  const [answer] = await connection.exchange([wrong])
  const error = messageOf(answer!)
  expect(error).toMatchObject({
    type: 'OFPT_ERROR',
    error_type: 'OFPET_BAD_MATCH',
    code: 'OFPBMC_BAD_PREREQ',
  })
  expect(toHex((error as { data: Uint8Array }).data)).toBe(toHex(encode(wrong).slice(0, 64)))
})
