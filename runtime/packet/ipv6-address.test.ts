import { expect, test } from 'bun:test'
import { formatIpv6, parseIpv6 } from './ipv6-address.ts'

test.each([
  ['::', '::'],
  ['::1', '::1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['fe80::', 'fe80::'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
  ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
])('%s is written %s', (text, written) => {
  expect(formatIpv6(parseIpv6(text)!)).toBe(written)
})

test.each(['', ':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '12345::'])(
  '%p is no address',
  (text) => expect(parseIpv6(text)).toBeNull(),
)
test.each(['g::', '1.2.3.4', '10.0.0.1::', '::1.2.3', '::1.2.3.4:5', 'fe80::1%eth0', '::256.1.1.1'])(
  '%p is none either',
  (text) => expect(parseIpv6(text)).toBeNull(),
)
