import { expect, test } from 'bun:test'
import { eventually } from '../../tests/support/open-vswitch.ts'
import { World } from '../../tests/support/world.ts'
import type { NetworkEvent } from '../openvnet/events.ts'
import { tellPlaces } from './tell-places.ts'

/** Datapath 1 serves a VLAN and speaks for a router interface, beside a machine. */
function someDatapath() {
  const world = new World()
  const network = world.network()
  const { id } = world.add('datapaths', { dpid: '0x1' })
  const { id: interface_id } = world.machine(network, id, 5, 1, '10.0.0.1')
  world.add('activeVlans', { network_id: network.id, vlan_id: 100, interface_id, datapath_id: id })
  world.add('activeRouters', { network_id: network.id, interface_id, datapath_id: id })
  const told: string[] = []
  const telling = {
    state: { view: world.state() } as never,
    event: async ({ type }: NetworkEvent) => void told.push(type),
    isHeard: () => true,
  }
  return { id, told, telling }
}

test('whose switch joins is told its machines, and what it serves', async () => {
  const { id, told, telling } = someDatapath()
  await tellPlaces(telling, id, () => true)
  expect(told).toEqual(['mac-activated', 'vlan-activated', 'router-activated'])
})

test('what another may serve by now is told when the host is heard again, and never if the switch leaves first', async () => {
  const { id, told, telling } = someDatapath()
  let heard = false
  let served = true
  const isServed = () => served
  const waiting = tellPlaces({ ...telling, isHeard: () => heard }, id, isServed)
  await eventually('the machine to be told', () => told.length === 1)
  heard = true
  await waiting
  expect(told).toHaveLength(3)
  const again = tellPlaces({ ...telling, isHeard: () => false }, id, isServed)
  await eventually('the machine to be told again', () => told.length === 4)
  served = false
  await again
  expect(told).toHaveLength(4)
})
