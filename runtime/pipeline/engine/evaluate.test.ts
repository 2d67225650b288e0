import { expect, test } from 'bun:test'
import type { State } from '../../../db/state/types.ts'
import { evaluate } from './evaluate.ts'

const unit = { feature: 'datapath', datapathId: 1, objectId: 1 }
const run = (handle: () => unknown) =>
  evaluate({ datapath: handle as () => { flows: [] } }, unit, {} as unknown as State)

test('an endless loop ends, and is a problem of its unit', () => {
  const result = run(() => {
    for (;;);
  })
  expect(result).toMatchObject({ ok: false, problem: { what: expect.stringContaining('not done in') } })
  expect(run(() => ({ flows: [] }))).toMatchObject({ ok: true })
}, 10_000)

test('a throw and nonsense too', () => {
  const throws = run(() => {
    throw new Error('by intent')
  })
  expect(throws).toMatchObject({ ok: false, problem: { what: expect.stringContaining('by intent') } })
  for (const output of [undefined, 5, {}, Promise.resolve({ flows: [] }), { flows: [7] }])
    expect(run(() => output)).toMatchObject({ ok: false })
})

test('more than one unit may give is refused, whole', () => {
  const many = Array.from({ length: 100_001 }, (_, objectId) => ({ ...unit, feature: 'member', objectId }))
  const result = run(() => ({ flows: [], children: many }))
  expect(result).toMatchObject({ ok: false, problem: { what: expect.stringContaining('100001 of them') } })
  expect(run(() => ({ flows: [], children: many.slice(1) }))).toMatchObject({ ok: true })
})
