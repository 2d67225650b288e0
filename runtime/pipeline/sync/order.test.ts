import { expect, test } from 'bun:test'
import { FlowPiece } from '../canonical/flow-piece.ts'
import { flowOf } from '../engine/testing.ts'
import { putFlow, removeFlow } from './edit.ts'
import { inSafeOrder } from './order.ts'

const unit = { feature: 'port', datapathId: 1, objectId: 1 }
const piece = (table: number, priority: number) =>
  new FlowPiece(unit, flowOf(unit, table, priority, table, 1))

test('destinations first, refusals first; removals the other way round and last', () => {
  const edits = [
    removeFlow(piece(3, 10)),
    putFlow(piece(0, 10)),
    removeFlow(piece(1, 20)),
    putFlow(piece(2, 10)),
    putFlow(piece(2, 90)),
    removeFlow(piece(1, 10)),
  ]
  const order = inSafeOrder(edits).map(
    ({ table, priority, piece }) => `${piece ? '+' : '-'}${table}/${priority}`,
  )
  expect(order).toEqual(['+2/90', '+2/10', '+0/10', '-1/10', '-1/20', '-3/10'])
})
