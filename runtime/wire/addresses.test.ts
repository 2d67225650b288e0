import { describe, expect, test } from 'bun:test'
import { readIpv4, readIpv6, readMac, writeIpv4, writeIpv6, writeMac } from './addresses.ts'
import { fromHex, toHex } from './text.ts'

const bytes = new Uint8Array(16)

describe('MAC addresses', () => {
  test('both ways', () => {
    writeMac(bytes, 0, '00:53:AB:cd:0f:f0')
    expect(readMac(bytes, 0)).toBe('00:53:ab:cd:0f:f0')
  })
  test.each([
    '',
    '00:53',
    '00:53:ab:cd:0f:f',
    '00-53-ab-cd-0f-f0',
    '00:53:ab:cd:0f:g0',
    '00:53:ab:cd:0f:f00',
  ])('%p is none', (text) => expect(() => writeMac(bytes, 0, text)).toThrow(TypeError))
})

describe('IPv4 addresses', () => {
  test.each(['0.0.0.0', '192.0.2.1', '255.255.255.255'])('%s both ways', (text) => {
    writeIpv4(bytes, 0, text)
    expect(readIpv4(bytes, 0)).toBe(text)
  })
  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.',
    '1.2.3.4 ',
    '1.2.3.0x1',
    '1.2.3.0004',
    '-1.2.3.4',
  ])('%p is none', (text) => expect(() => writeIpv4(bytes, 0, text)).toThrow(TypeError))
})

describe('IPv6 addresses', () => {
  test.each([
    ['20010db8000000000000000000000001', '2001:db8::1'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['fe800000000000000000000000000000', 'fe80::'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
    ['00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
    ['00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
    ['ffffffff000000000000000000000000', 'ffff:ffff::'],
  ])('%s is %s', (hex, text) => {
    expect(readIpv6(fromHex(hex)!, 0)).toBe(text)
    writeIpv6(bytes, 0, text)
    expect(toHex(bytes)).toBe(hex)
  })
  test('other spellings', () => {
    writeIpv6(bytes, 0, '2001:0DB8:0:0:0:0:192.0.2.1')
    expect(toHex(bytes)).toBe('20010db80000000000000000c0000201')
  })
  test.each([
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '::1.2.3',
  ])('%p is none', (text) => expect(() => writeIpv6(bytes, 0, text)).toThrow(TypeError))
})
