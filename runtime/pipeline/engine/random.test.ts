import { expect, test } from 'bun:test'
import type { FlowFunction } from '../flow.ts'
import { datapathOfPorts, flowOf, place, portFlows } from './testing.ts'
import { world } from './testing-world.ts'

test('random changes: what is held is what is computed from nothing', () => {
  const datapath: FlowFunction = (unit, state) => ({
    flows: [],
    children: datapathOfPorts(unit, state).children!,
    lists: [
      {
        feature: 'network',
        objectIds: state.activeNetworks.many('datapath', unit.datapathId).map((row) => row.network_id),
      },
    ],
  })
  const network: FlowFunction = (unit, state) => {
    const rows = state.interfaceNetworks.many('network', unit.objectId)
    const flows = [flowOf(unit, 5, 1, unit.objectId, rows.length + 1)]
    // One may be there twice, and in a list and by itself.
    const members = rows.map((row) => row.interface_id)
    const named = (objectId: number) => ({ ...unit, feature: 'member', objectId })
    if (unit.objectId % 2 === 0) return { flows, children: members.map(named) }
    const lists = [members, members.slice(0, 2)].map((objectIds) => ({ feature: 'member', objectIds }))
    return { flows, lists, children: members.slice(0, 1).map(named) }
  }
  const member: FlowFunction = (unit, state) => ({
    flows: state.activeInterfaces
      .many('interface', unit.objectId)
      .map((row) => flowOf(unit, 6, row.datapath_id, unit.objectId, row.port_number!)),
  })
  const { state, engine, problems, agrees } = world({ datapath, port: portFlows, network, member })
  let seed = 7
  const below = (n: number) => (seed = (seed * 48271) % 2147483647) % n
  engine.attach(1)
  engine.attach(2)
  for (let step = 0; step < 600; step++) {
    const id = 1 + below(12)
    const rows = [
      () => state.put('activeInterfaces', id, place(id, 1 + below(2), id * 10 + below(3))),
      () => state.put('activeNetworks', id, { network_id: id, datapath_id: 1 + below(2) }),
      () => state.put('interfaceNetworks', id, { interface_id: 1 + below(12), network_id: 1 + below(12) }),
      () =>
        state.remove((['activeInterfaces', 'activeNetworks', 'interfaceNetworks'] as const)[below(3)]!, id),
    ]
    engine.change(rows[below(4)]!())
    if (step % 20 === 0) for (const datapathId of [1, 2]) agrees(datapathId)
  }
  expect(problems).toEqual([])
  agrees(1)
  agrees(2)
})
