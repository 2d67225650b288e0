import { describe, expect, test } from 'bun:test'
import { createDraft } from '../../db/state/draft.ts'
import { World } from '../../tests/support/world.ts'
import { portAdded, portRemoved } from './ports.ts'

const port = (portName: string, portNumber: number) => ({
  portName,
  portNumber,
  ifaceId: null,
  uplink: false,
  linked: true,
})

/** Two datapaths, the port `tap` on the first, and who asks for it. */
function world(claims: readonly { datapath?: 1 | 2; singular: true | null }[]) {
  const made = new World()
  const datapaths = [made.add('datapaths', {}), made.add('datapaths', {})]
  for (const { datapath, singular } of claims) {
    const { id } = made.add('interfaces', { mode: 'vif' })
    made.add('interfacePorts', {
      interface_id: id,
      datapath_id: datapath === undefined ? null : datapaths[datapath - 1]!.id,
      port_name: 'tap',
      singular,
      interface_mode: 'vif',
    })
  }
  return createDraft(made.state(), 0).draft
}

test('a tunnel port is nobody’s, whoever asks for it', () => {
  const made = new World()
  made.add('datapaths', {})
  const { id } = made.add('interfaces', { mode: 'vif' })
  made.add('interfacePorts', { interface_id: id, port_name: 't-gre', interface_mode: 'vif' })
  const { draft } = createDraft(made.state(), 0)
  portAdded(draft, 1, port('t-gre', 3))
  expect(draft.activeInterfaces.many('interface', id)).toEqual([])
})

describe('an interface', () => {
  const places = (draft: ReturnType<typeof world>, interfaceId = 1) =>
    draft.activeInterfaces.many('interface', interfaceId).map((row) => row.datapath_id)

  test('that is singular is at the newest of its ports, also within one draft, and falls back', () => {
    const draft = world([{ singular: true }])
    portAdded(draft, 1, port('tap', 3))
    expect(places(draft)).toEqual([1])
    portAdded(draft, 2, port('tap', 4))
    expect(places(draft)).toEqual([2])
    portRemoved(draft, 2, 'tap')
    expect(places(draft)).toEqual([1])
  })

  test('that is singular follows a port that is newer than those that are committed', () => {
    const made = new World()
    made.add('datapaths', {})
    made.add('datapaths', {})
    const { id } = made.add('interfaces', { mode: 'vif' })
    made.add('interfacePorts', { interface_id: id, port_name: 'tap', singular: true, interface_mode: 'vif' })
    made.port(1, 'tap', 3)
    made.plug(id, 1, 3)
    const { draft } = createDraft(made.state(), 0)
    portAdded(draft, 2, port('tap', 4))
    expect(places(draft, id)).toEqual([2])
  })

  test('that is not singular is at all of them', () => {
    const draft = world([{ singular: null }])
    portAdded(draft, 1, port('tap', 3))
    portAdded(draft, 2, port('tap', 4))
    expect(places(draft).sort()).toEqual([1, 2])
  })

  test('that names the datapath has the port there before one that names none, and the older before the newer', () => {
    const draft = world([{ singular: null }, { datapath: 2, singular: true }])
    portAdded(draft, 1, port('tap', 3))
    portAdded(draft, 2, port('tap', 4))
    expect(places(draft, 1)).toEqual([1])
    expect(places(draft, 2)).toEqual([2])
  })
})
