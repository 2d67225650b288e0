import { expect, test } from 'bun:test'
import { openflowAddressOf, parseOvsdbAddress } from './address.ts'
import { parseDatapathId } from './datapath-id.ts'

test('addresses', () => {
  expect(parseOvsdbAddress('unix:/run/openvswitch/db.sock')).toMatchObject({
    ok: true,
    value: { kind: 'unix', path: '/run/openvswitch/db.sock' },
  })
  expect(parseOvsdbAddress('tcp:10.0.0.1:6641')).toMatchObject({
    ok: true,
    value: { kind: 'tcp', host: '10.0.0.1', port: 6641 },
  })
  expect(parseOvsdbAddress('ssl:[fd00::1]:6641')).toMatchObject({
    ok: true,
    value: { kind: 'ssl', host: 'fd00::1', port: 6641 },
  })
  expect(parseOvsdbAddress('ssl:node-1')).toMatchObject({ ok: true, value: { host: 'node-1', port: 6640 } })
})

test('what is no address', () => {
  const wrong = [
    '',
    'unix:',
    'unix:db.sock',
    `unix:/${'x'.repeat(107)}`,
    'tcp:',
    'tcp::6640',
    'tcp:a:0',
    'tcp:a:65536',
    'tcp:fd00::1:6640',
  ]
  for (const text of [...wrong, 'tcp:[a]:1', 'ptcp:6640', 'http://a', 'tcp:a:6640:1']) {
    const result = parseOvsdbAddress(text)
    expect(result.ok ? text : '').toBe('')
  }
})

test('the OpenFlow socket is beside a local OVSDB, whatever the bridge is called', () => {
  const of = (text: string, bridge: string) => {
    const address = parseOvsdbAddress(text)
    return address.ok ? openflowAddressOf(address.value, bridge) : undefined
  }
  expect(of('unix:/run/openvswitch/db.sock', 'br0')).toBe('unix:/run/openvswitch/br0.mgmt')
  expect(of('unix:/run/openvswitch/db.sock', '../../etc/x')).toBe(null)
  expect(of('unix:/run/openvswitch/db.sock', '..')).toBe(null)
  expect(of('tcp:10.0.0.1:6640', 'br0')).toBe(null)
})

test('datapath ids', () => {
  expect(parseDatapathId('0000A652a38f3447')).toBe('0x0000a652a38f3447')
  expect(parseDatapathId('0xaa')).toBe('0x00000000000000aa')
  for (const text of ['', null, undefined, '0', '0x', 'xyz', '1'.repeat(17), ' 1', '0000000000000000'])
    expect(parseDatapathId(text)).toBe(null)
})
