import { expect, test } from 'bun:test'
import type { OtherHost } from './host-table.ts'
import { leftToNewer } from './stand-by.ts'

const host = (flowsVersion: number, ...datapathIds: number[]): OtherHost => ({
  id: `v${flowsVersion}`,
  nodeId: null,
  flowsVersion,
  applied: new Map(datapathIds.map((id) => [id, -1])),
})

test('what hosts with newer flow functions serve is left to them, and nothing else', () => {
  const others = [host(1, 1, 2), host(2, 2, 3), host(3, 3, 4), host(4)]
  expect([...leftToNewer(2, others)]).toEqual([3, 4])
  expect([...leftToNewer(4, others)]).toEqual([])
  expect([...leftToNewer(0, others)].sort()).toEqual([1, 2, 3, 4])
})
