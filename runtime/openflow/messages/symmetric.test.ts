import { describe, expect, test } from 'bun:test'
import { fromHex, toHex } from '../../wire/index.ts'
import { decode, encode, toJson } from '../index.ts'

/** The JSON form of a message, after a check that it encodes to the same bytes. */
function read(hex: string): unknown {
  const bytes = fromHex(hex.replaceAll(' ', ''))!
  const result = decode(bytes)
  if (!result.ok) throw new Error(JSON.stringify(result.problem))
  expect(toHex(encode(result.value))).toBe(toHex(bytes))
  return toJson(result.value)
}

function problem(hex: string) {
  const result = decode(fromHex(hex.replaceAll(' ', ''))!)
  if (result.ok) throw new Error('decoded')
  return result.problem
}

describe('HELLO', () => {
  const bitmap = { type: 'OFPHET_VERSIONBITMAP', bitmaps: [['1.0', '1.3']] }

  test('of any version', () => {
    for (const version of ['01', '02', '04', '05', '06', '07', 'ff'])
      expect(read(`${version}000008 00000001`)).toMatchObject({ type: 'OFPT_HELLO', elements: [] })
    expect(read('06000010 00000001 00010008 00000012')).toMatchObject({ version: 6, elements: [bitmap] })
  })

  test('of an old version, with anything in it', () => {
    expect(read('0100000c 00000001 61626364')).toMatchObject({ elements: [], raw: { trailing: '61626364' } })
    expect(read('01000010 00000001 00010008 00000012')).toMatchObject({ version: 1, elements: [bitmap] })
  })

  test('with two words of versions, padded and not', () => {
    const long = { type: 'OFPHET_VERSIONBITMAP', bitmaps: [['1.3'], [1]] }
    expect(read('04000020 00000001 0001000c 00000010 00000001 00000000 00010008 00000012')).toMatchObject({
      elements: [long, bitmap],
    })
    expect(read('0400001c 00000001 0001000c 00000010 00000001 00010008 00000012')).toMatchObject({
      elements: [{ ...long, raw: { padding: '' } }, bitmap],
    })
  })

  test('with an unknown element', () => {
    expect(read('04000010 00000001 00070006 aabb0000')).toMatchObject({
      elements: [{ type: 7, data: 'aabb' }],
    })
  })

  test.each(['0000', '0001', '0003', 'ffff'])('of 1.3 with an element of length %s', (length) => {
    expect(problem(`04000010 00000001 0001${length} 00000012`)).toMatchObject({
      what: 'impossible length',
      where: 'elements[0] at byte 10',
    })
  })
})

describe('errors', () => {
  test('a refused version is readable in any version', () => {
    expect(read('0101000e 00000001 0000 0000 6e6f')).toMatchObject({
      version: 1,
      error_type: 'OFPET_HELLO_FAILED',
      code: 'OFPHFC_INCOMPATIBLE',
      data: '6e6f',
    })
  })
  test('other errors of other versions keep their numbers, which mean other things there', () => {
    expect(read('0101000c 00000001 0003 0001')).toMatchObject({ version: 1, error_type: 3, code: 1 })
  })
  test('unknown types and codes are numbers', () => {
    expect(read('0401000c 00000001 0001 0063')).toMatchObject({ error_type: 'OFPET_BAD_REQUEST', code: 99 })
    expect(read('0401000c 00000001 0063 0001')).toMatchObject({ error_type: 99, code: 1 })
    expect(read('04010010 00000001 ffff 0007 00abcdef')).toMatchObject({
      error_type: 'OFPET_EXPERIMENTER',
      exp_type: 7,
      experimenter: 0xabcdef,
    })
  })
})

test('messages of other versions and unknown types stay bytes', () => {
  expect(read('010e000a 00000001 aabb')).toEqual({ version: 1, type: 14, xid: 1, data: 'aabb' })
  expect(read('0463000a 00000001 aabb')).toEqual({ version: 4, type: 99, xid: 1, data: 'aabb' })
})

test('the header must agree with the bytes', () => {
  expect(problem('').what).toBe('cut off')
  expect(problem('04140008').what).toBe('cut off')
  expect(problem('04140009 00000001')).toMatchObject({ what: 'cut off', where: 'length at byte 2' })
  expect(problem('04140008 00000001 00').what).toBe('bytes behind the message')
  expect(problem('04140007 00000001').what).toBe('impossible length')
  expect(decode(new Uint8Array(8), 4, 99).ok).toBe(false)
  expect(decode(new Uint8Array(8), 9, 8).ok).toBe(false)
})

test('what is behind the fields of a message is kept', () => {
  expect(read('0414000a 00000001 aabb')).toEqual({
    version: 4,
    type: 'OFPT_BARRIER_REQUEST',
    xid: 1,
    raw: { trailing: 'aabb' },
  })
})
