/** What the compiler must refuse. The test runs nothing that matters: `tsc` checks it. */
import { expect, test } from 'bun:test'
import {
  encode,
  type FlowMod,
  type Instruction,
  type Match,
  type Message,
  type MultipartReply,
} from './index.ts'

const flow: FlowMod = {
  version: 4,
  type: 'OFPT_FLOW_MOD',
  xid: 1,
  cookie: 1n,
  cookie_mask: 0n,
  table_id: 0,
  command: 'OFPFC_ADD',
  idle_timeout: 0,
  hard_timeout: 0,
  priority: 1,
  buffer_id: 'OFP_NO_BUFFER',
  out_port: 'OFPP_ANY',
  out_group: 'OFPG_ANY',
  flags: ['OFPFF_SEND_FLOW_REM'],
  match: [{ field: 'eth_dst', value: '00:53:00:00:00:01' }],
  instructions: [{ type: 'OFPIT_GOTO_TABLE', table_id: 2 }],
}

test('types', () => {
  // @ts-expect-error a cookie is a bigint
  const cookie: FlowMod = { ...flow, cookie: 3 }
  // @ts-expect-error there is no such command
  const command: FlowMod = { ...flow, command: 'OFPFC_NO_SUCH' }
  // @ts-expect-error there is no such flag
  const flags: FlowMod = { ...flow, flags: ['OFPFF_NO_SUCH'] }
  // @ts-expect-error there is no such match field
  const field: Match = [{ field: 'no_such', value: 1 }]
  // @ts-expect-error a MAC address is text
  const value: Match = [{ field: 'eth_dst', value: 1 }]
  // @ts-expect-error a goto has no actions
  const instruction: Instruction = { type: 'OFPIT_GOTO_TABLE', actions: [] }
  // @ts-expect-error padding is not part of a value
  flow.pad
  // @ts-expect-error a message needs all of its fields
  const message: Message = { version: 4, type: 'OFPT_ECHO_REQUEST', xid: 1 }
  for (const wrong of [cookie, command, flags, message]) expect(() => encode(wrong)).toThrow()
  expect([field, value, instruction].length).toBe(3)
})

test('a type tells which fields there are', () => {
  const message = flow as Message
  if (message.type !== 'OFPT_FLOW_MOD') throw new Error('not a flow')
  expect(message.priority).toBe(1)
  const reply = { body: [] } as unknown as MultipartReply<'OFPMP_FLOW'>
  expect(reply.body.map((entry) => entry.packet_count)).toEqual([])
})

test('what is too long is a CodecError with a problem, and the next message is not touched', () => {
  const output = { type: 'OFPAT_OUTPUT', port: 1, max_len: 0 } as const
  const long: FlowMod = {
    ...flow,
    instructions: [{ type: 'OFPIT_APPLY_ACTIONS', actions: Array(5000).fill(output) }],
  }
  expect(() => encode(long)).toThrow(expect.objectContaining({ name: 'CodecError' }))
  const longer: FlowMod = {
    ...flow,
    instructions: [{ type: 'OFPIT_APPLY_ACTIONS', actions: Array(50_000).fill(output) }],
  }
  expect(() => encode(longer)).toThrow(expect.objectContaining({ name: 'CodecError' }))
  expect(encode(flow).length).toBe(72)
})
