import { describe, expect, test } from 'bun:test'
import { compile, fromHex, struct, toHex } from '../../wire/index.ts'
import { header, header32 } from './header.ts'
import { match, oxms } from './match.ts'
import { fieldsByName } from './table.ts'

const fields = compile(struct({ fields: oxms }))
const framed = compile(struct({ match }))

function read(hex: string) {
  const bytes = fromHex(hex.replaceAll(' ', ''))!
  const result = fields.decode(bytes)
  if (!result.ok) throw new Error(JSON.stringify(result.problem))
  expect(toHex(fields.encode(result.value))).toBe(toHex(bytes))
  return result.value.fields
}

const problem = (hex: string) => {
  const result = fields.decode(fromHex(hex.replaceAll(' ', ''))!)
  if (result.ok) throw new Error('decoded')
  return result.problem
}

describe('fields', () => {
  test.each([
    ['80000004 00000003', { field: 'in_port', value: 3 }],
    ['80000004 fffffffe', { field: 'in_port', value: 'OFPP_LOCAL' }],
    ['80000606 005300000001', { field: 'eth_dst', value: '00:53:00:00:00:01' }],
    ['80000d04 10001000', { field: 'vlan_vid', value: 0x1000, mask: 0x1000 }],
    ['80001708 c0000200 ffffff00', { field: 'ipv4_src', value: '192.0.2.0', mask: '255.255.255.0' }],
    ['80004a03 123456', { field: 'pbb_isid', value: 0x123456 }],
    ['80004c08 0000000000000007', { field: 'tunnel_id', value: 7n }],
    ['00010108 0000000500000fff', { field: 'reg0', value: 5, mask: 0xfff }],
    ['0001d308 0000002000000021', { field: 'ct_state', value: ['trk'], mask: ['new', 'trk'] }],
    ['0001d810 000000000000000000000000000000ff', { field: 'ct_label', value: 255n }],
    ['80010008 0000000000000001', { field: 'xreg0', value: 1n }],
    ['ffff5406 4f4e4600 0012', { field: 'tcp_flags', value: ['syn', 'ack'] }],
    ['ffff0a05 005ad650 03', { field: 'nsh_si', value: 3 }],
    ['10000204 60000000', { field: 'nd_reserved', value: 0x60000000 }],
    ['00015002 aabb', { field: 'tun_metadata0', value: fromHex('aabb')! }],
    ['00015104 aabbff0f', { field: 'tun_metadata0', value: fromHex('aabb')!, mask: fromHex('ff0f')! }],
    ['00013c01 40', { field: 'mpls_ttl', value: 64 }],
    ['00013c08 0000000000000001', { field: 'nxm_nx_cookie', value: 1n }],
  ] as [string, object][])('%s', (hex, field) => {
    expect(read(hex)).toEqual([field as never])
  })

  test('keep their order, and may come twice', () => {
    expect(read('80000a02 0800 80000004 00000003 80000a02 0806').map((field) => field.field)).toEqual([
      'eth_type',
      'in_port',
      'eth_type',
    ])
  })

  test('that are unknown are kept with their headers', () => {
    expect(read('8000fe02 aabb')).toEqual([
      { field: 'unknown', oxm_class: 0x8000, oxm_field: 127, has_mask: false, value: fromHex('aabb')! },
    ])
    expect(read('ffff0106 00abcdef aabb')).toMatchObject([{ experimenter: 0xabcdef, has_mask: true }])
    expect(read('ffff0002 aabb')).toMatchObject([{ field: 'unknown', value: fromHex('aabb')! }])
    expect(read('ffff5408 4f4e4600 002a0012')).toMatchObject([{ field: 'unknown', experimenter: 0x4f4e4600 }])
    expect(read('00015103 aabbcc')).toMatchObject([{ field: 'unknown' }])
  })

  test('of wrong lengths are refused', () => {
    expect(problem('80000003 000003')).toMatchObject({
      where: 'fields[0] at byte 4',
      expected: '4 bytes',
      received: '3 bytes',
    })
    expect(problem('80000a02 0800 80000104 00000003').where).toBe('fields[1] at byte 10')
    expect(problem('800000ff 00000003').what).toBe('impossible length')
    expect(problem('80000a02 0800 8000').where).toBe('fields[1] at byte 6')
  })

  test('every field has a header of its own', () => {
    const headers = [...fieldsByName.values()].map((field) => `${field.experimenter ?? ''}/${field.header}`)
    expect(new Set(headers).size).toBe(headers.length)
  })
})

describe('ofp_match', () => {
  const both = (hex: string) => {
    const result = framed.decode(fromHex(hex.replaceAll(' ', ''))!)
    if (!result.ok) throw new Error(JSON.stringify(result.problem))
    expect(toHex(framed.encode(result.value))).toBe(hex.replaceAll(' ', ''))
    return result.value
  }
  test('is padded to 8 bytes', () => {
    expect(both('0001 0004 00000000')).toEqual({ match: [] })
    expect(both('0001 000a 80000a02 0800 000000000000')).toEqual({
      match: [{ field: 'eth_type', value: 0x0800 }],
    })
  })
  test('with padding that is none, or is missing', () => {
    expect(both('0001 0004 00000001').raw).toEqual({ match: fromHex('00000001')! })
    expect(both('0001 0004').raw).toEqual({ match: new Uint8Array(0) })
  })
  test.each(['0001 0003 00000000', '0001 0000 00000000', '0001 ffff 00000000', '0000 0004 00000000', '0001'])(
    '%s is refused',
    (hex) => expect(framed.decode(fromHex(hex.replaceAll(' ', ''))!).ok).toBe(false),
  )
})

describe('headers', () => {
  const long = compile(struct({ a: header, b: header32 }))
  test.each([
    ['00010004 00010204', { a: 'reg0', b: 'reg1' }],
    ['ffff0a05005ad650 80000606', { a: 'nsh_si', b: 'eth_dst' }],
    [
      '8000070c 00015008',
      { a: { field: 'eth_dst', has_mask: true }, b: { field: 'tun_metadata0', length: 8 } },
    ],
    ['00000000 00000000', { a: 0, b: 0 }],
    ['ffff000400abcdef ffff0004', { a: 0xffff000400abcdefn, b: 0xffff0004 }],
  ] as [string, object][])('%s', (hex, value) => {
    const bytes = fromHex(hex.replaceAll(' ', ''))!
    const result = long.decode(bytes)
    if (!result.ok) throw new Error(JSON.stringify(result.problem))
    expect(result.value).toEqual(value as never)
    expect(toHex(long.encode(result.value))).toBe(toHex(bytes))
  })
})
