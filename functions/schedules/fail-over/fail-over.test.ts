import { expect, test } from 'bun:test'
import { createDraft } from '../../../db/state/draft.ts'
import { StateView } from '../../../db/state/view.ts'
import { silent } from '../../../runtime/log.ts'
import type { Row, ScheduleEnvironment } from '../../../runtime/openvnet.ts'
import { World } from '../../../tests/support/world.ts'
import { fenceMs } from '../../state/fence.ts'
import { deriveActiveVlans } from '../../state/vlans.ts'
import failOver from './fail-over.ts'

const secondMs = 1_000

/** Trunk ports of datapaths 1, 2 and 3, all to VLAN 100; the schedule runs on what it has left behind the last time. */
class Rig {
  readonly world = new World()
  readonly trunks: number[] = []
  /** The time of day. */
  now = 1_000_000
  /** What hosts count by, and when they saw the last datapath deleted. */
  elapsedMs = 0
  deletedMs = 0
  /** Of the datapaths that are connected: what they have acknowledged. */
  readonly applied = new Map<number, number>()
  readonly #silentSinceMs = new Map<number, number>()
  #view = new StateView()

  constructor(datapaths: number) {
    const network = this.world.network()
    for (let id = 1; id <= 3; id++) this.world.add('datapaths', {})
    for (let id = 1; id <= datapaths; id++) {
      const trunk = this.world.trunk(network, 100)
      this.world.plug(trunk.id, id, 10)
      this.trunks.push(trunk.id)
      this.applied.set(id, 0)
    }
    this.derive()
  }

  get row(): Row<'activeVlans'> {
    return this.world.rows('activeVlans')[0]!
  }

  derive() {
    this.#write((draft) => deriveActiveVlans(draft, [1]))
  }

  unplug(datapathId: number) {
    const { id } = this.world.rows('activeInterfaces').find((row) => row.datapath_id === datapathId)!
    this.world.remove('activeInterfaces', id)
    this.derive()
  }

  /** Runs once, some time later. */
  run(afterMs = 500) {
    this.now += afterMs
    this.elapsedMs += afterMs
    const { now } = this
    const switches = this.#reports()
    this.#write((draft, state) => {
      const env = { state, now, switches, random: () => 0, log: silent, remembered: () => undefined }
      failOver.handle({ ...env, draft: () => draft })
    })
  }

  /** Every datapath that is connected has all that there is. */
  acknowledge() {
    for (const id of this.applied.keys()) this.applied.set(id, this.#view.revision + 100)
  }

  #reports(): ScheduleEnvironment['switches'] {
    const { applied, elapsedMs } = this
    const silentMs = new Map<number, number>()
    for (const { id } of this.world.rows('datapaths')) {
      if (applied.has(id)) this.#silentSinceMs.delete(id)
      else {
        const sinceMs = this.#silentSinceMs.get(id) ?? elapsedMs
        this.#silentSinceMs.set(id, sinceMs)
        silentMs.set(id, elapsedMs - sinceMs)
      }
    }
    return { applied, here: new Set(), silentMs, undeletedMs: elapsedMs - this.deletedMs, unheardMs: 0 }
  }

  #write(change: (draft: ReturnType<typeof createDraft>['draft'], state: StateView) => void) {
    this.#view = this.world.state() as StateView
    const { draft } = createDraft(this.#view, this.now)
    change(draft, this.#view)
    const before = new Set(this.world.rows('activeVlans').map(({ id }) => id))
    for (const row of draft.activeVlans.all()) {
      if (row.id < 0) this.world.add('activeVlans', { ...row, id: undefined } as never)
      else this.world.update('activeVlans', row.id, row)
      before.delete(row.id)
    }
    for (const id of before) this.world.remove('activeVlans', id)
  }
}

test('the next one serves as soon as the switch of the first has acknowledged that it does no more', () => {
  const rig = new Rig(2)
  rig.unplug(1)
  rig.run()
  rig.run()
  expect([rig.row.interface_id, rig.row.datapath_id]).toEqual([null, 1])
  rig.acknowledge()
  rig.run()
  expect([rig.row.interface_id, rig.row.datapath_id, rig.row.leased]).toEqual([rig.trunks[1]!, 2, false])
})

test('a switch that is away is waited for until all that it was told has ended', () => {
  const rig = new Rig(2)
  rig.run()
  rig.acknowledge()
  rig.run()
  expect([rig.row.leased, rig.row.acknowledged]).toEqual([true, true])
  rig.applied.delete(1)
  rig.run()
  rig.run(fenceMs - secondMs)
  expect(rig.row.datapath_id).toBe(1)
  rig.run(secondMs)
  expect([rig.row.interface_id, rig.row.datapath_id, rig.row.acknowledged]).toEqual([
    rig.trunks[1]!,
    2,
    false,
  ])
  // It comes back, and stands by.
  rig.applied.set(1, 0)
  for (let i = 0; i < 5; i++) rig.run()
  expect(rig.row.datapath_id).toBe(2)
})

test('a switch that was away for a moment goes on', () => {
  const rig = new Rig(2)
  rig.run()
  rig.acknowledge()
  rig.run()
  rig.applied.delete(1)
  rig.run(fenceMs / 2)
  rig.applied.set(1, 0)
  rig.run(fenceMs / 2)
  rig.applied.delete(1)
  rig.run(fenceMs / 2)
  rig.run(fenceMs / 2)
  expect(rig.row.datapath_id).toBe(1)
})

test('the time of day, which somebody may set, says nothing about how long a switch is away', () => {
  const rig = new Rig(2)
  rig.run()
  rig.acknowledge()
  rig.run()
  rig.applied.delete(1)
  rig.run()
  rig.now += 10 * fenceMs
  rig.run()
  expect(rig.row.datapath_id).toBe(1)
  rig.now -= 20 * fenceMs
  rig.run(fenceMs)
  expect(rig.row.datapath_id).toBe(2)
})

test('nobody takes over from a switch whose flows may pass frames for ever', () => {
  const rig = new Rig(2)
  rig.applied.delete(1)
  for (let i = 0; i < 5; i++) rig.run(fenceMs)
  expect(rig.row.datapath_id).toBe(1)
  rig.unplug(1)
  for (let i = 0; i < 5; i++) rig.run(fenceMs)
  expect([rig.row.interface_id, rig.row.datapath_id]).toEqual([null, 1])
})

test('but when the datapath is deleted, somebody knows that it is gone', () => {
  const rig = new Rig(2)
  rig.applied.delete(1)
  rig.unplug(1)
  rig.world.update('activeVlans', rig.row.id, { datapath_id: null })
  rig.deletedMs = rig.elapsedMs
  rig.run()
  rig.run(fenceMs - secondMs)
  expect(rig.row.interface_id).toBeNull()
  rig.run(secondMs)
  expect(rig.row.datapath_id).toBe(2)
})

test('where nobody is left, the row goes; one whose switch is connected is chosen', () => {
  const rig = new Rig(3)
  rig.applied.delete(2)
  rig.unplug(1)
  rig.run()
  rig.acknowledge()
  rig.run()
  expect(rig.row.datapath_id).toBe(3)
  const alone = new Rig(1)
  alone.unplug(1)
  alone.run()
  alone.acknowledge()
  alone.run()
  expect(alone.world.rows('activeVlans')).toEqual([])
})
