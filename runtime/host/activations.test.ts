import { expect, test } from 'bun:test'
import type { Change } from '../../db/state/types.ts'
import { World } from '../../tests/support/world.ts'
import { activationsIn, activationsOn, servedOn } from './activations.ts'

/** A machine with two MACs at a port of each of two datapaths, one without a port. */
function machines() {
  const world = new World()
  const network = world.network()
  const datapaths = ['0x1', '0x2'].map((dpid) => world.add('datapaths', { dpid }))
  const plugged = world.machine(network, datapaths[0]!.id, 5, 1, '10.0.0.1')
  const second = world.add('macLeases', { interface_id: plugged.id, mac_address: 2 })
  const elsewhere = world.plug(plugged.id, datapaths[1]!.id, 6)
  const idle = world.interface('vif', network, 3, ['10.0.0.3'])
  return { world, datapaths, plugged, second, elsewhere, idle }
}
type Row = Change['after']
const change = (table: Change['table'], before: object | null, after: object | null): Change => ({
  revision: 1,
  table,
  id: 1,
  before: before as Row,
  after: after as Row,
})
const found = (world: World, ...changes: Change[]) =>
  [...activationsIn(world.state(), changes)]
    .map((one) => {
      if (one.type === 'mac-activated') return `${one.dpid} ${one.macAddress}`
      return one.type === 'vlan-activated'
        ? `${one.dpid} VLAN ${one.vlanId} of ${one.networkId}`
        : `${one.dpid} router ${one.interfaceId} in ${one.networkId}`
    })
    .sort()

test('a place that is new, or at another port, brings every MAC of its interface', () => {
  const { world, elsewhere } = machines()
  expect(found(world, change('activeInterfaces', null, elsewhere))).toEqual(['0x2 1', '0x2 2'])
  const moved = change('activeInterfaces', { ...elsewhere, port_number: 9 }, elsewhere)
  expect(found(world, moved)).toEqual(['0x2 1', '0x2 2'])
  expect(found(world, change('activeInterfaces', elsewhere, elsewhere))).toEqual([])
  expect(found(world, change('activeInterfaces', elsewhere, null))).toEqual([])
})

test('a MAC that is new, or comes from another interface, is wherever its interface is', () => {
  const { world, second, idle } = machines()
  expect(found(world, change('macLeases', null, second))).toEqual(['0x1 2', '0x2 2'])
  expect(found(world, change('macLeases', { ...second, interface_id: idle.id }, second))).toEqual([
    '0x1 2',
    '0x2 2',
  ])
  expect(found(world, change('macLeases', second, { ...second, segment_id: 7 }))).toEqual([])
  expect(found(world, change('macLeases', null, idle.macLease))).toEqual([])
  expect(found(world, change('macLeases', second, { ...second, interface_id: null }))).toEqual([])
})

test('a MAC that comes with its place is told once', () => {
  const { world, elsewhere, second } = machines()
  const changes = [change('macLeases', null, second), change('activeInterfaces', null, elsewhere)]
  expect(found(world, ...changes)).toEqual(['0x1 2', '0x2 1', '0x2 2'])
})

test('a datapath has the MACs of what is plugged in there', () => {
  const { world, datapaths, plugged } = machines()
  expect(activationsOn(world.state(), datapaths[0]!.id)).toEqual(
    [1, 2].map((macAddress) => ({
      type: 'mac-activated',
      dpid: '0x1',
      interfaceId: plugged.id,
      macAddress,
    })),
  )
})

test('a port that begins to serve a VLAN brings that', () => {
  const { world } = machines()
  const row = {
    ...{ network_id: 1, vlan_id: 100, interface_id: 1, datapath_id: 1 },
    ...{ leased: false, known_revision: null },
  }
  expect(found(world, change('activeVlans', null, row))).toEqual(['0x1 VLAN 100 of 1'])
  expect(found(world, change('activeVlans', { ...row, interface_id: null }, row))).toHaveLength(1)
  expect(found(world, change('activeVlans', { ...row, known_revision: 1 }, row))).toEqual([])
  expect(found(world, change('activeVlans', row, { ...row, interface_id: null }))).toEqual([])
  expect(found(world, change('activeVlans', row, null))).toEqual([])
})

test('a datapath that begins to speak for a router interface brings that', () => {
  const { world } = machines()
  const row = {
    ...{ interface_id: 3, network_id: 1, datapath_id: 2, speaks: true },
    ...{ leased: false, known_revision: null },
  }
  expect(found(world, change('activeRouters', null, row))).toEqual(['0x2 router 3 in 1'])
  expect(found(world, change('activeRouters', { ...row, datapath_id: 1 }, row))).toHaveLength(1)
  expect(found(world, change('activeRouters', { ...row, known_revision: 1 }, row))).toEqual([])
  expect(found(world, change('activeRouters', null, { ...row, speaks: false }))).toEqual([])
})

test('a datapath has the VLANs that it serves and the router interfaces that it speaks for, and no others', () => {
  const { world, datapaths } = machines()
  const [first, second] = datapaths.map(({ id }) => id)
  const network = world.network()
  const at = (datapath_id: number, vlan_id: number, interface_id: number | null) =>
    world.add('activeVlans', { network_id: network.id, vlan_id, interface_id, datapath_id })
  at(first!, 100, 1)
  at(first!, 101, null)
  at(second!, 102, 1)
  for (const [interface_id, datapath_id, speaks] of [
    [1, first!, true],
    [2, first!, false],
    [3, second!, true],
  ] as const)
    world.add('activeRouters', { interface_id, network_id: network.id, datapath_id, speaks })
  expect(servedOn(world.state(), first!)).toEqual([
    { type: 'vlan-activated', dpid: '0x1', networkId: network.id, vlanId: 100 },
    { type: 'router-activated', dpid: '0x1', interfaceId: 1, networkId: network.id },
  ])
})
