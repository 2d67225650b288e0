import { expect, test } from 'bun:test'
import { formatAddress, parseAddress } from './address.ts'

test.each([
  'tcp:127.0.0.1:6653',
  'ssl:switch.example:0',
  'tcp:[::1]:6633',
  'unix:/run/br0.mgmt',
  'unix:/with:colons',
])('%s reads and writes back', (text) => {
  const address = parseAddress(text)
  expect(address.ok && formatAddress(address.value)).toBe(text)
})

test.each([
  '',
  'tcp:',
  'tcp:host',
  'tcp::6653',
  'tcp:host:65536',
  'tcp:::1:6653',
  'unix:',
  'unix:relative',
  'udp:h:1',
])('%p is a problem that names it', (text) => {
  expect(parseAddress(text)).toMatchObject({ ok: false, problem: { where: text } })
})
