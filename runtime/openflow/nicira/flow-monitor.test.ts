import { expect, test } from 'bun:test'
import { fromHex, toHex } from '../../wire/index.ts'
import { decode, encode } from '../index.ts'

const head = '0412 0038 00000001 ffff 0000 00000000 4f4e4600 0000074e'
const inPort = { field: 'in_port', value: 1 }

/** The one request of a message, after a check that the message encodes to the same bytes. */
function requestOf(body: string) {
  const bytes = fromHex((head + body).replaceAll(' ', ''))!
  bytes[3] = bytes.length
  const result = decode(bytes)
  if (!result.ok) throw new Error(JSON.stringify(result.problem))
  expect(toHex(encode(result.value))).toBe(toHex(bytes))
  return (result.value as unknown as { body: unknown[] }).body
}

test('a whole ofp_match, as Open vSwitch has it', () => {
  const body = requestOf('00000005 0003 000c ffffffff 02 000000 0001 000c 80000004 00000001 00000000')
  expect(body).toMatchObject([{ id: 5, match_len: 12, table_id: 2, match: [inPort] }])
})

test('a whole ofp_match with a match_len that is none, which Open vSwitch does not look at', () => {
  const body = requestOf('00000005 0003 ffff ffffffff 02 000000 0001 0004 00000000')
  expect(body).toMatchObject([{ match_len: 0xffff, match: [] }])
})

test('bare fields, as the extension has it', () => {
  const body = requestOf('00000005 0003 0008 ffffffff 02 000000 80000004 00000001')
  expect(body).toMatchObject([{ match_len: 8, match: { oxm_fields: [inPort] } }])
})

test('bare fields, padded, and padding that is none', () => {
  const padded = requestOf('00000005 0003 0006 ffffffff 02 000000 80000a02 0800 0000')
  expect(padded).toMatchObject([{ match: { oxm_fields: [{ field: 'eth_type', value: 0x0800 }] } }])
  const raw = requestOf('00000005 0003 0006 ffffffff 02 000000 80000a02 0800 0001')
  expect(raw).toMatchObject([{ raw: { pad2: fromHex('0001') } }])
})

test('two requests', () => {
  const one = '00000005 0003 000c ffffffff 02 000000 0001 000c 80000004 00000001 00000000'
  expect(requestOf(one + one).length).toBe(2)
})
