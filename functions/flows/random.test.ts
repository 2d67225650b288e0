/** Whatever state the schema allows compiles: no two units make the same flow, and none throws. */
import { expect, test } from 'bun:test'
import { computeAll, World } from '../../tests/support/world.ts'
import { pipeline } from './pipeline.ts'

const worlds = 150
const local_port = 0xffff_fffe
const modes = [
  'vif',
  'vif',
  'vif',
  'vif',
  'internal',
  'patch',
  'simulated',
  'simulated',
  'host',
  'promiscuous',
  'edge',
  'remote',
] as const

/** A small generator with a seed (mulberry32), so that a failure can be run again. */
function randomOf(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/** Few addresses and ports, so that they meet; what is unique in the schema is unique here. */
function randomWorld(seed: number): { world: World; datapathIds: number[] } {
  const pick = randomOf(seed)
  const world = new World()
  const of = <T>(list: readonly T[]): T => list[pick(list.length)]!
  const once = new Set<string>()
  const unique = (...key: (string | number)[]) => once.size !== once.add(key.join()).size
  const networks = Array.from({ length: 6 }, () =>
    world.network({
      mode: of(['virtual', 'virtual', 'physical', 'internal', null] as const),
      encapsulation: of(['gre', 'vxlan', 'geneve', null] as const),
    }),
  )
  const datapathIds = Array.from({ length: 3 }, () => world.add('datapaths', {}).id)
  for (const id of datapathIds)
    for (const name of ['t-gre', 't-vxlan']) if (pick(3)) world.port(id, name, 200 + name.length)
  let hardware = 0x525400000000
  const interfaces = Array.from({ length: 30 }, () => world.add('interfaces', { mode: of(modes) }))
  for (const iface of interfaces) {
    for (let macs = pick(3); macs >= 0; macs--) {
      const lease = world.add('macLeases', { interface_id: iface.id, mac_address: ++hardware })
      for (let leases = pick(4); leases > 0; leases--) {
        const [network, host] = [of(networks), pick(30)]
        if (unique('ip', network.id, host))
          world.lease(lease, network, host === 0 ? '0.0.0.0' : `10.0.0.${host}`)
      }
    }
    const number = pick(12) === 0 ? local_port : 1 + pick(40)
    const datapathId = of(datapathIds)
    if (pick(4) && unique('port', datapathId, number) && unique('at', iface.id, datapathId))
      world.plug(iface.id, datapathId, number)
    if (pick(2)) world.add('networkServices', { interface_id: iface.id, mode: of(['dhcp', 'dns', 'router']) })
  }
  for (const network of networks)
    for (const datapath_id of datapathIds) {
      if (pick(5)) world.activate(network.id, datapath_id)
      if (pick(4) === 0) continue
      const values = { datapath_id, network_id: network.id, mac_address: ++hardware }
      world.add('datapathNetworks', { ...values, interface_id: of(interfaces).id })
    }
  return { world, datapathIds }
}

test('random states compile, to flows that go forwards and say who made them', () => {
  const ids = new Set<number>(Object.values(pipeline.tables).map(({ id }) => id))
  let flows = 0
  for (let seed = 1; seed <= worlds; seed++) {
    const { world, datapathIds } = randomWorld(seed)
    const state = world.state()
    for (const id of datapathIds) {
      let all: ReturnType<typeof computeAll>
      try {
        all = computeAll(state, id)
      } catch (error) {
        throw new Error(`seed ${seed}, datapath ${id}: ${error}`)
      }
      flows += all.flows.length
      for (const { table, cookie, instructions } of all.flows) {
        expect(ids.has(table) && cookie >> 48n > 0n).toBe(true)
        for (const step of instructions)
          if (step.type === 'OFPIT_GOTO_TABLE') expect(step.table_id).toBeGreaterThan(table)
      }
    }
  }
  expect(flows).toBeGreaterThan(worlds * 100)
})
