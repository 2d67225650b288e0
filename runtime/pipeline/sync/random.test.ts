import { expect, test } from 'bun:test'
import { silent } from '../../log.ts'
import { type Below, seeded } from '../canonical/testing-random-flow.ts'
import { createEngine } from '../engine/engine.ts'
import { datapathOfPorts, place, portFlows, TestState } from '../engine/testing.ts'
import { SyncHub } from './sync-hub.ts'
import { MemorySwitch } from './testing.ts'
import { verifyDatapath } from './verify.ts'

const steps = 250
const seeds = 60

/** Answers a while after it is asked, now and then not at all, and refuses what it feels like. */
class MoodySwitch extends MemorySwitch {
  readonly below: Below

  constructor(below: Below) {
    super()
    this.below = below
  }

  override async bundle(messages: readonly Uint8Array[]) {
    if (this.below(3) === 0) await Bun.sleep(this.below(2))
    this.dieAfterNext = this.below(25) === 0
    return super.bundle(messages)
  }

  override async read() {
    if (this.below(3) === 0) await Bun.sleep(this.below(2))
    return super.read()
  }
}

for (let seed = 1; seed <= seeds; seed++)
  test(`whatever happens, in the end the switch has what it is to have, seed ${seed}`, async () => {
    const below = seeded(seed * 104_729)
    const state = new TestState()
    const engine = createEngine({
      functions: { datapath: datapathOfPorts, port: portFlows },
      state: state.view,
      onProblem: (problem) => {
        throw new Error(problem.what)
      },
    })
    engine.attach(1)
    const hub = new SyncHub({
      engine,
      ownTables: new Set(),
      log: silent,
      onProblem: () => {},
      limits: { resyncDelayMinMs: 1, resyncDelayMaxMs: 2, bundleFlowsMax: 1 + below(40) },
    })
    const moody = new MoodySwitch(below)
    moody.namesOffender = below(3) > 0
    moody.hasBundles = below(4) > 0
    const push = (affected: readonly string[]) => hub.push(engine.change(affected), state.view.revision)
    hub.join(1, moody, state.view.revision)
    for (let step = 0; step < steps; step++) {
      const id = 1 + below(30)
      const kind = below(20)
      if (kind < 9)
        push(state.put('activeInterfaces', id, place(id, below(5) === 0 ? 2 : 1, id + 100 * below(2))))
      else if (kind < 13) push(state.remove('activeInterfaces', id))
      else if (kind === 13) moody.refusedCookies.add(id)
      else if (kind === 14) moody.refusedCookies.clear()
      else if (kind === 15) void hub.get(1)!.audit()
      else if (kind === 16) hub.join(1, moody, state.view.revision)
      else if (kind === 17) for (const key of moody.flows.keys()) if (below(10) === 0) moody.flows.delete(key)
      if (below(3) === 0) await Bun.sleep(0)
    }
    moody.refusedCookies.clear()
    expect(await hub.whenApplied(state.view.revision, 3_000)).toEqual({ applied: [1], pending: [] })
    // What was refused last, and what went behind our back, is what audits are for; one may have begun before that.
    for (let i = 0; i < 5; i++) {
      await hub.get(1)!.audit()
      await hub.get(1)!.idle
    }
    expect(await verifyDatapath(engine, 1, hub.get(1))).toEqual([])
    hub.close()
  }, 20_000)
