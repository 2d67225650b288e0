import { expect, test } from 'bun:test'
import { render } from './output.ts'
import { tabular } from './table.ts'

const columnsOf = (answer: unknown) => tabular(answer)?.split('\n')[0]?.split(/ +/)

test('of an interface it is first said what it is, its addresses, and where it is plugged in', () => {
  const row = {
    id: 1,
    uuid: 'if-a',
    mode: 'vif',
    enable_routing: false,
    mac_leases: [],
    mac_address: '02:00:00:00:00:01',
    network_uuid: 'nw-a',
    ipv4_address: '10.0.0.1',
    port_name: 'vm1',
    active_datapath_uuids: ['dp-1', 'dp-2'],
  }
  const [header, line] = tabular([row])!.split('\n')
  expect(header).toMatch(
    /^UUID +MODE +NETWORK_UUID +IPV4_ADDRESS +MAC_ADDRESS +PORT_NAME +ACTIVE_DATAPATH_UUIDS +ENABLE_ROUTING$/,
  )
  expect(line).toMatch(/^if-a +vif +nw-a +10\.0\.0\.1 +02:00:00:00:00:01 +vm1 +dp-1 dp-2 +false$/)
})

test('the main columns of interfaces stay where all are empty, others do not', () => {
  const row = { uuid: 'if-a', mode: 'vif', display_name: null, mac_leases: [], active_datapath_uuids: [] }
  expect(columnsOf([row])).toEqual([
    'UUID',
    'MODE',
    'NETWORK_UUID',
    'IPV4_ADDRESS',
    'MAC_ADDRESS',
    'PORT_NAME',
    'ACTIVE_DATAPATH_UUIDS',
  ])
  expect(columnsOf([{ uuid: 'nw-a', ipv4_prefix: 24, mode: null, display_name: '' }])).toEqual([
    'UUID',
    'MODE',
    'IPV4_PREFIX',
  ])
})

test('a MAC address that is a number is shown as one', () => {
  expect(tabular({ id: 1, datapath_id: 1, mac_address: 0x0200000000ff })).toBe(
    'mac_address  02:00:00:00:00:ff',
  )
})

test('the name of a node and the number of a VLAN are no ids of rows', () => {
  expect(columnsOf([{ uuid: 'vt-a', vlan_id: 100, network_id: 3 }])).toEqual(['UUID', 'VLAN_ID'])
  expect(columnsOf([{ uuid: 'dp-1', node_id: 'n', network_id: 3 }])).toEqual(['UUID', 'NODE_ID'])
})

test('what is nested in one row is no column for others that have nothing there', () => {
  const attached = { uuid: 'il-a', mac_lease: { uuid: 'ml-a' }, interface: { uuid: 'if-a' } }
  const unattached = { uuid: 'il-b', mac_lease: null, interface: null }
  expect(tabular([attached, unattached])).toBe('UUID\nil-a\nil-b')
})

test('an audit: a table of its datapaths, and a line for each difference', () => {
  const datapath = (n: number, differences: string[]) => ({ uuid: `dp-${n}`, connected: true, differences })
  expect(
    tabular({ revision: 7, datapaths: [datapath(1, []), datapath(2, ['one flow', 'another one'])] }),
  ).toBe(
    `revision  7

datapaths:
UUID  CONNECTED  DIFFERENCES
dp-1  true       -
dp-2  true       2
  one flow
  another one`,
  )
  expect(tabular({ revision: 7, datapaths: [datapath(1, [])] })).toContain('DIFFERENCES')
  expect(tabular({ uuid: 'dp-1', other_hosts: ['node2', 'node3'] })).toBe(
    'uuid         dp-1\nother_hosts  node2 node3',
  )
})

test('what a table cannot show is YAML', () => {
  for (const answer of [
    { openapi: '3.1.0', paths: { '/networks': {} } },
    [{ status: 200, body: { uuid: 'nw-a' } }],
  ])
    expect(render(answer, 'table')).toStartWith('---')
})
