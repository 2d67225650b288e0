/** The oracle of promise 1: what the engine holds, what it computes from nothing, and what the switch has are the same. */
import { describe } from '../../problem.ts'
import { describeFlow } from '../canonical/flow-text.ts'
import { describeUnit, type Piece } from '../canonical/piece.ts'
import type { Engine } from '../engine/engine.ts'
import type { Flow } from '../flow.ts'
import type { EditOf, FlowEdit } from './edit.ts'
import type { FlowSync } from './flow-sync.ts'

/** How a flow is told to people; `flowText` of a pipeline tells it with the names of tables and fields. */
export type ShowFlow = (flow: Flow) => string

const describeFlowEdit = ({ piece, flow }: FlowEdit, show: ShowFlow): string =>
  piece
    ? `the switch lacks or has otherwise: ${show(piece.flow)} (${describeUnit(piece.unit)})`
    : `the switch has, and nobody wants: ${flow ? show(flow) : 'a flow that cannot be read'}`

const describeObjectEdit = (kind: string, { key, piece }: EditOf<Piece>): string =>
  piece
    ? `the switch lacks or has otherwise: ${piece.text} (${describeUnit(piece.unit)})`
    : `the switch has, and nobody wants: ${kind} ${key}`

/**
 * Recomputes a datapath from scratch and, where it is connected, reads its switch after everything that is under way is
 * done. Returns a line for each difference; none if all is well. What the switch refuses is a difference.
 */
export async function verifyDatapath(
  engine: Engine,
  datapathId: number,
  sync: FlowSync | undefined,
  show: ShowFlow = describeFlow,
): Promise<readonly string[]> {
  const lines = engine
    .compare(datapathId)
    .map(({ kind, left, right }) => `${kind}: held ${left ?? 'nothing'}; from scratch ${right ?? 'nothing'}`)
  if (!sync) return lines
  const compared = await sync.compare()
  if (!compared.ok) return [...lines, `the switch cannot be read: ${describe(compared.problem)}`]
  const { flows, groups, meters } = compared.value
  for (const edit of flows.values()) lines.push(describeFlowEdit(edit, show))
  for (const edit of groups.values()) lines.push(describeObjectEdit('group', edit))
  for (const edit of meters.values()) lines.push(describeObjectEdit('meter', edit))
  for (const { problem } of sync.refusals) lines.push(`refused: ${describe(problem)}`)
  return lines
}
