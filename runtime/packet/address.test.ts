import { expect, test } from 'bun:test'
import {
  broadcastMac,
  broadcastOf,
  contains,
  formatIpv4,
  formatMac,
  isMulticastMac,
  maskOf,
  parseIpv4,
  parseMac,
  readMac,
  writeMac,
} from './address.ts'

test('IPv4 addresses are text and numbers', () => {
  for (const text of ['0.0.0.0', '10.0.0.1', '127.255.0.9', '255.255.255.255'])
    expect(formatIpv4(parseIpv4(text)!)).toBe(text)
  expect(parseIpv4('224.0.0.1')).toBe(0xe000_0001)
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.-4',
    ' 1.2.3.4',
    '1.2.3.4/24',
    '0x1.2.3.4',
  ])
    expect(parseIpv4(text)).toBeNull()
})

test('MAC addresses are text and numbers', () => {
  for (const text of ['00:00:00:00:00:00', '02:00:00:00:00:01', '80:ff:fe:01:02:03', 'ff:ff:ff:ff:ff:ff'])
    expect(formatMac(parseMac(text)!)).toBe(text)
  expect(parseMac('FE:00:00:00:00:0A')).toBe(0xfe00_0000_000a)
  for (const text of ['', '02:00:00:00:00', '02-00-00-00-00-01', '2:0:0:0:0:1', '02:00:00:00:00:0g'])
    expect(parseMac(text)).toBeNull()
})

test('MAC addresses are six bytes of a frame', () => {
  const view = new DataView(new ArrayBuffer(8))
  for (const mac of [0, 1, 0xffff_ffff, 0x1_0000_0000, 0x8000_8000_8000, broadcastMac]) {
    writeMac(view, 1, mac)
    expect(readMac(view, 1)).toBe(mac)
  }
  expect([view.getUint8(0), view.getUint8(7)]).toEqual([0, 0])
})

test('multicast is the lowest bit of the first octet', () => {
  const groups = ['01:00:5e:00:00:01', 'ff:ff:ff:ff:ff:ff', '33:33:00:00:00:01'].map(
    (text) => parseMac(text)!,
  )
  const others = ['02:00:00:00:00:01', 'fe:ff:ff:ff:ff:ff', '00:01:00:00:00:00'].map(
    (text) => parseMac(text)!,
  )
  expect(groups.map(isMulticastMac)).toEqual([true, true, true])
  expect(others.map(isMulticastMac)).toEqual([false, false, false])
})

test('prefixes of 0 to 32 bits', () => {
  expect([0, 1, 8, 24, 31, 32].map((prefix) => formatIpv4(maskOf(prefix)))).toEqual([
    ...['0.0.0.0', '128.0.0.0', '255.0.0.0', '255.255.255.0', '255.255.255.254', '255.255.255.255'],
  ])
  const network = parseIpv4('192.168.16.0')!
  expect(formatIpv4(broadcastOf(network, 20))).toBe('192.168.31.255')
  expect(contains(network, 20, parseIpv4('192.168.31.255')!)).toBe(true)
  expect(contains(network, 20, parseIpv4('192.168.32.0')!)).toBe(false)
  expect(contains(0, 0, broadcastOf(0, 0))).toBe(true)
})
