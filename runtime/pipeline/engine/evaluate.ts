/** Runs the flow function of a unit and compiles what it gives; whatever goes wrong is a problem of that unit. */
import type { State } from '../../../db/state/types.ts'
import { runGuarded } from '../../dispatch/guard.ts'
import { failure, type Problem, type Result, success } from '../../problem.ts'
import { FlowPiece } from '../canonical/flow-piece.ts'
import { GroupPiece } from '../canonical/group-piece.ts'
import { MeterPiece } from '../canonical/meter-piece.ts'
import { describeUnit, TunnelPortPiece, UplinkPiece } from '../canonical/piece.ts'
import type { FlowFunction, FlowOutput, Unit, UnitList } from '../flow.ts'
import type { NamedUnits } from './named-units.ts'
import type { UnitPieces } from './unit-node.ts'

/** What one unit may take. */
const unitTimeMs = 500
/** How much one unit may give of each: what lists a network's members has one for each of them. */
const unitItemsMax = 100_000

/** Flow functions by feature: `datapath` is the root's. */
export type FlowFunctions = Readonly<Record<string, FlowFunction>>

export interface Evaluation extends UnitPieces, NamedUnits {}

const thrown = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)

const broken = (unit: Unit, where: string, error: unknown): Result<never> =>
  failure({
    what: `the flow function ${unit.feature} failed: ${thrown(error)}`,
    where: `${describeUnit(unit)}${where}`,
  })

/** Never throws. The problem names the unit and, where the function itself went through, the piece that is wrong. */
export function evaluate(functions: FlowFunctions, unit: Unit, state: State): Result<Evaluation> {
  const run = functions[unit.feature]
  if (!run) return failure(noFunction(unit, functions))
  let output: FlowOutput | undefined
  try {
    const finished = runInTime(() => {
      output = run(unit, state)
    })
    if (!finished) return broken(unit, '', new Error(`not done in ${unitTimeMs} ms`))
  } catch (error) {
    return broken(unit, '', error)
  }
  return compile(unit, output as FlowOutput)
}

/** Inside the guard, twice at most, since the clock is the wall's: a paused process is no endless loop. */
const runInTime = (run: () => void): boolean => runGuarded(run, unitTimeMs) || runGuarded(run, unitTimeMs)

function compile(unit: Unit, output: FlowOutput): Result<Evaluation> {
  let list = ''
  let at = 0
  const all = <V, P>(name: string, values: readonly V[] | undefined, make: (value: V) => P): P[] => {
    list = name
    at = 0
    checkCount(values ?? [])
    return (values ?? []).map((value, i) => {
      at = i
      return make(value)
    })
  }
  try {
    if (!Array.isArray(output?.flows)) throw new TypeError('it gives no list of flows; is it asynchronous?')
    return success({
      flows: all('flows', output.flows, (flow) => new FlowPiece(unit, flow)),
      meters: all('meters', output.meters, (meter) => new MeterPiece(unit, meter)),
      groups: all('groups', output.groups, (group) => new GroupPiece(unit, group)),
      tunnelPorts: all('tunnelPorts', output.tunnelPorts, (port) => new TunnelPortPiece(unit, port)),
      uplinks: all(
        'uplink',
        output.uplink === undefined ? [] : [output.uplink],
        (name) => new UplinkPiece(unit, name),
      ),
      children: all('children', output.children, (child) => checkedChild(unit, child)),
      lists: all('lists', output.lists, checkedList),
    })
  } catch (error) {
    return broken(unit, list === '' ? '' : `.${list}[${at}]`, error)
  }
}

function checkCount({ length }: readonly unknown[]): void {
  if (length > unitItemsMax) throw new RangeError(`${length} of them; ${unitItemsMax} at most`)
}

function checkedList(list: UnitList): UnitList {
  checkCount(list.objectIds)
  return list
}

function checkedChild(unit: Unit, child: Unit): Unit {
  if (child.datapathId !== unit.datapathId)
    throw new TypeError(`its child ${describeUnit(child)} is of another datapath`)
  return child
}

const noFunction = (unit: Unit, functions: FlowFunctions): Problem => ({
  what: 'there is no flow function for this feature',
  where: describeUnit(unit),
  expected: Object.keys(functions).join(', '),
  received: unit.feature,
})
