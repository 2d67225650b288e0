import { expect, test } from 'bun:test'
import { createDraft } from '../../db/state/draft.ts'
import type { Draft, State } from '../../runtime/openvnet.ts'
import { ip, World } from '../../tests/support/world.ts'
import { settleSpeakers, speakerIn, speakFrom } from './speakers.ts'

/** A router interface in a physical network that two datapaths carry. */
function someRouter() {
  const world = new World()
  const physical = world.network({ mode: 'physical', ipv4_network: ip('172.16.0.0') })
  const nodes = [1, 2].map((n) => world.hypervisor(physical, `172.16.0.1${n}`, `02:00:00:00:00:0${n}`, n))
  const router = world.routerIn(physical, '02:00:00:00:00:fe', '172.16.0.254')
  const { draft } = createDraft(world.state(), 0)
  settleSpeakers(draft, router.id)
  return { draft, router, physical, nodes: nodes.map(({ id }) => id) }
}
const row = (draft: Draft) => draft.activeRouters.one('router', 3, 1) ?? [...draft.activeRouters.all()][0]!
const unplug = (draft: Draft, datapathId: number) => {
  for (const { id } of [...draft.activeInterfaces.many('datapath', datapathId)])
    draft.activeInterfaces.delete(id)
}

test('of two datapaths the first speaks, and counts on a host that says so', () => {
  const { draft, nodes } = someRouter()
  expect(row(draft)).toMatchObject({ datapath_id: nodes[0]!, speaks: true, leased: true })
})

test('who cannot any more is waited for, and goes on where it is back in time', () => {
  const { draft, router, physical, nodes } = someRouter()
  draft.activeRouters.update(row(draft).id, { acknowledged: true, known_revision: 7 })
  const places = [...draft.activeInterfaces.many('datapath', nodes[0]!)]
  unplug(draft, nodes[0]!)
  settleSpeakers(draft, router.id)
  expect(row(draft)).toMatchObject({
    datapath_id: nodes[0]!,
    speaks: false,
    leased: true,
    acknowledged: false,
  })
  expect(speakerIn(draft as unknown as State, router.id, physical.id)).toBeUndefined()
  for (const { interface_id, datapath_id, port_name, port_number } of places)
    draft.activeInterfaces.insert({ interface_id, datapath_id, port_name, port_number })
  settleSpeakers(draft, router.id)
  expect(row(draft)).toMatchObject({ datapath_id: nodes[0]!, speaks: true })
})

test('who has spoken is not new because another place goes: an older one that comes back stands by', () => {
  const { draft, router, nodes } = someRouter()
  const [older] = [...draft.activeInterfaces.many('datapath', nodes[0]!)]
  // Node 1 was away, and node 2 has taken over and spoken since.
  speakFrom(draft, row(draft), nodes[1]!, true)
  draft.activeRouters.update(row(draft).id, { acknowledged: true, known_revision: 7 })
  unplug(draft, nodes[0]!)
  settleSpeakers(draft, router.id)
  expect(row(draft)).toMatchObject({ datapath_id: nodes[1]!, leased: false, acknowledged: false })
  const { interface_id, datapath_id, port_name, port_number } = older!
  draft.activeInterfaces.insert({ interface_id, datapath_id, port_name, port_number })
  settleSpeakers(draft, router.id)
  expect(row(draft)).toMatchObject({ datapath_id: nodes[1]!, speaks: true, leased: true })
})

test('one that is back does not take it from the other; nobody speaks for what does not route', () => {
  const { draft, router, nodes } = someRouter()
  draft.activeRouters.update(row(draft).id, { datapath_id: nodes[1]!, acknowledged: true })
  settleSpeakers(draft, router.id)
  expect(row(draft).datapath_id).toBe(nodes[1]!)
  draft.interfaces.update(router.id, { enable_routing: false })
  settleSpeakers(draft, router.id)
  expect(row(draft).speaks).toBe(false)
})
