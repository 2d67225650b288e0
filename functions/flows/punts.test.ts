import { expect, test } from 'bun:test'
import type { StateView } from '../../db/state/view.ts'
import { silent } from '../../runtime/log.ts'
import { createEngine } from '../../runtime/pipeline/engine/engine.ts'
import { SyncHub } from '../../runtime/pipeline/sync/sync-hub.ts'
import { MemorySwitch } from '../../runtime/pipeline/sync/testing.ts'
import { computeAll, World } from '../../tests/support/world.ts'
import definition from './flows.ts'
import { pipeline } from './pipeline.ts'

/** Flows come in bundles; what comes by itself is meters. */
class SwitchWithoutMeters extends MemorySwitch {
  override async each(messages: readonly Uint8Array[]) {
    const problem = { what: 'OFPET_METER_MOD_FAILED', where: 'test' }
    return { refused: new Map([...messages.keys()].map((index) => [index, problem])) }
  }
}

test('a switch that refuses meters punts nothing, and does everything else', async () => {
  const world = new World()
  const network = world.network()
  const datapath = world.add('datapaths', { node_id: 'a' })
  for (const n of [1, 2, 3])
    world.machine(network, datapath.id, 10 + n, `52:54:00:00:00:0${n}`, `10.0.0.${n}`)
  const state = world.state() as StateView
  const onProblem = () => {}
  const engine = createEngine({ functions: definition.features, state, onProblem })
  engine.attach(datapath.id)
  const hub = new SyncHub({ engine, ownTables: new Set(), log: silent, onProblem })
  try {
    const memory = new SwitchWithoutMeters()
    hub.join(datapath.id, memory, state.revision)
    await hub.whenApplied(state.revision, 1_000)
    const { flows } = computeAll(state, datapath.id)
    const punting = flows.filter(({ instructions }) =>
      instructions.some(({ type }) => type === 'OFPIT_METER'),
    )
    expect(punting.map(({ table }) => table)).toEqual(Array(3).fill(pipeline.tables.dhcp.id))
    expect(memory.flows.size).toBe(flows.length - punting.length)
  } finally {
    hub.close()
  }
})
