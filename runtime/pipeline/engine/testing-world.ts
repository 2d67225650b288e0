/** An engine over a test's state, with a record of which functions ran and of what went wrong. */
import { expect } from 'bun:test'
import type { Problem } from '../../problem.ts'
import type { FlowFunction, Unit } from '../flow.ts'
import type { Delta } from './delta.ts'
import { createEngine } from './engine.ts'
import type { FlowFunctions } from './evaluate.ts'
import { datapathOfPorts, portFlows, TestState } from './testing.ts'

const counting =
  (run: FlowFunction, calls: string[]): FlowFunction =>
  (unit, state) => {
    calls.push(`${unit.feature}/${unit.objectId}`)
    return run(unit, state)
  }

export function world(functions: FlowFunctions = { datapath: datapathOfPorts, port: portFlows }) {
  const state = new TestState()
  const calls: string[] = []
  const problems: { problem: Problem; unit: Unit }[] = []
  const counted = Object.fromEntries(
    Object.entries(functions).map(([name, run]) => [name, counting(run, calls)]),
  )
  const engine = createEngine({
    functions: counted,
    state: state.view,
    onProblem: (problem, unit) => void problems.push({ problem, unit }),
  })
  const agrees = (datapathId = 1) => expect(engine.compare(datapathId)).toEqual([])
  return { state, calls, problems, engine, agrees }
}

/** How many flows were added, changed, removed. */
export const sizes = (delta: Delta | undefined) =>
  delta && [delta.flows.added.length, delta.flows.changed.length, delta.flows.removed.length]
