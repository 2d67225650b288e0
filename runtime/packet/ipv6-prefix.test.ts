import { expect, test } from 'bun:test'
import { parseMac } from './address.ts'
import {
  autoconfiguredIpv6,
  containsIpv6,
  ipv6BytesOf,
  ipv6GroupMac,
  ipv6MaskOf,
  ipv6NetworkOf,
  linkLocalOf,
} from './ipv6-prefix.ts'

const mac = parseMac('52:54:00:12:34:56')!

test('a prefix has a mask, a network, and the addresses that share its bits', () => {
  expect([0, 1, 64, 127, 128].map(ipv6MaskOf)).toEqual([
    '::',
    '8000::',
    'ffff:ffff:ffff:ffff::',
    'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe',
    'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  ])
  expect(ipv6NetworkOf('2001:db8::1:2:3', 64)).toBe('2001:db8::')
  expect(containsIpv6('2001:db8::', 64, '2001:db8::ffff')).toBe(true)
  expect(containsIpv6('2001:db8::', 64, '2001:db8:0:1::')).toBe(false)
  expect(containsIpv6('::', 0, 'ffff::')).toBe(true)
})

test('a MAC makes an address (RFC 4291, appendix A)', () => {
  expect(linkLocalOf(mac)).toBe('fe80::5054:ff:fe12:3456')
  expect(autoconfiguredIpv6('2001:db8::', mac)).toBe('2001:db8::5054:ff:fe12:3456')
})

test('a group has a MAC (RFC 2464, 7)', () => {
  expect(ipv6GroupMac(ipv6BytesOf('ff02::1:ff12:3456'))).toBe(0x3333_ff12_3456)
})

test('what is no address is an error', () => {
  expect(() => ipv6BytesOf('10.0.0.1')).toThrow(RangeError)
})
