import { expect, test } from 'bun:test'
import { createDraft } from '../../../db/state/draft.ts'
import { silent } from '../../../runtime/log.ts'
import type { NetworkEvent } from '../../../runtime/openvnet.ts'
import { World } from '../../../tests/support/world.ts'
import ports from './ports.ts'

const dpid = '0x0000000000000001'
const port = (portName: string, portNumber: number, more: { ifaceId?: string; uplink?: boolean } = {}) => ({
  portName,
  portNumber,
  ifaceId: null,
  uplink: false,
  linked: true,
  ...more,
})

/** A datapath and who asks for `tap1` and, by its iface-id, `vm2`; what happens goes into one draft. */
function switched() {
  const world = new World()
  const datapath = world.add('datapaths', { dpid })
  const asking = ['tap1', 'vm2'].map((port_name) => {
    const { id } = world.add('interfaces', { mode: 'vif' })
    world.add('interfacePorts', { interface_id: id, port_name, singular: true, interface_mode: 'vif' })
    return id
  })
  const { draft, writes } = createDraft(world.state(), 0)
  const env = { state: draft, now: 0, random: () => 0, log: silent }
  const happens = (event: Parameters<typeof ports.handle>[0]) => ports.handle(event, env as never)
  const known = () =>
    [...draft.activePorts.all()]
      .map(({ port_name, port_number, iface_id, uplink }) =>
        [port_name, port_number, iface_id, uplink].join(' '),
      )
      .sort()
  const places = () =>
    asking.map((id) => draft.activeInterfaces.one('pair', id, datapath.id)?.port_number ?? null)
  return { happens, known, places, writes }
}
type PortEvent = Extract<NetworkEvent, { type: 'ports-listed' }>
const listed = (...all: PortEvent['ports']): PortEvent => ({ type: 'ports-listed', dpid, ports: all })

test('a port is plugged into whoever asks for it, by its name or its iface-id', () => {
  const { happens, known, places } = switched()
  happens({ type: 'port-added', dpid, ...port('tap1', 3) })
  happens({ type: 'port-added', dpid, ...port('tap2', 4, { ifaceId: 'vm2' }) })
  happens({ type: 'port-added', dpid, ...port('eth0', 1, { uplink: true }) })
  expect(known()).toEqual(['eth0 1  true', 'tap1 3  false', 'tap2 4 vm2 false'])
  expect(places()).toEqual([3, 4])
  happens({ type: 'port-removed', dpid, portName: 'tap2', portNumber: 4 })
  expect(places()).toEqual([3, null])
  happens({ type: 'port-removed', dpid, portName: 'tap2', portNumber: 4 })
  expect(known()).toEqual(['eth0 1  true', 'tap1 3  false'])
})

test('a cable that is pulled, and back, changes nothing but that', () => {
  const { happens, known, places } = switched()
  happens({ type: 'port-added', dpid, ...port('tap1', 3) })
  happens({ type: 'port-added', dpid, ...port('tap1', 3), linked: false })
  expect([known(), places()]).toEqual([['tap1 3  false'], [3, null]])
  happens({ type: 'port-added', dpid, ...port('tap1', 3) })
  expect([known(), places()]).toEqual([['tap1 3  false'], [3, null]])
})

test('a list is all there is: what is not in it is gone, what changed its number is there', () => {
  const { happens, known, places } = switched()
  happens(listed(port('tap1', 3), port('tap2', 4, { ifaceId: 'vm2' }), port('old', 5)))
  expect(places()).toEqual([3, 4])
  // The two have changed numbers.
  happens(listed(port('tap1', 4), port('tap2', 3, { ifaceId: 'vm2' })))
  expect(known()).toEqual(['tap1 4  false', 'tap2 3 vm2 false'])
  expect(places()).toEqual([4, 3])
  happens(listed())
  expect([known(), places()]).toEqual([[], [null, null]])
})

test('a number or a name that is taken anew belongs to the newer', () => {
  const { happens, known, places } = switched()
  happens({ type: 'port-added', dpid, ...port('tap1', 3) })
  happens({ type: 'port-added', dpid, ...port('other', 3) })
  expect([known(), places()]).toEqual([['other 3  false'], [null, null]])
  happens({ type: 'port-added', dpid, ...port('tap1', 4) })
  happens({ type: 'port-added', dpid, ...port('tap1', 9) })
  expect([known(), places()]).toEqual([
    ['other 3  false', 'tap1 9  false'],
    [9, null],
  ])
  happens({ type: 'port-added', dpid, ...port('tap1', 9, { ifaceId: 'vm2' }) })
  expect(known()).toEqual(['other 3  false', 'tap1 9 vm2 false'])
})

test('what is known already, and a switch that is not registered, change nothing', () => {
  const { happens, known, writes } = switched()
  happens(listed(port('tap1', 3), port('eth0', 1, { uplink: true })))
  const before = writes.length
  happens(listed(port('eth0', 1, { uplink: true }), port('tap1', 3)))
  happens({ type: 'port-added', dpid, ...port('tap1', 3) })
  const stranger = '0x00000000000000ff'
  happens({ type: 'port-added', dpid: stranger, ...port('tap1', 8) })
  happens({ type: 'port-removed', dpid: stranger, portName: 'tap1', portNumber: 8 })
  happens({ ...listed(), dpid: stranger })
  expect([writes.length, known()]).toEqual([before, ['eth0 1  true', 'tap1 3  false']])
})
