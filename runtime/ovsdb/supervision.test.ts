import { expect, test } from 'bun:test'
import type { Row } from './schema.ts'
import { type Supervision, supervise } from './supervision.ts'

const row = (fail_mode: string | null, controllers = 0): Row<'Bridge'> => ({
  uuid: '4d7d4d5c-9b3a-4b0a-8f6b-3b0d5e1f2a3c',
  weight: 0,
  name: 'br0',
  datapath_id: '0000000000000001',
  datapath_type: '',
  fail_mode,
  protocols: [],
  controller: Array.from({ length: controllers }, (_, index) => `controller ${index}`),
  ports: [],
  other_config: new Map(),
  external_ids: new Map(),
})

type Step = [fail_mode: string | null, controllers: number, next_cfg: number, cur_cfg: number]

/** Runs the steps one after the other; what each of them says. */
function run(...steps: Step[]) {
  let before: Supervision | null = null
  return steps.map(([fail_mode, controllers, next_cfg, cur_cfg]) => {
    const { supervision, resync, ask } = supervise(before, row(fail_mode, controllers), { next_cfg, cur_cfg })
    before = supervision
    return [supervision.secure, resync, ask]
  })
}

test('secure counts when ovs-vswitchd has carried it out', () => {
  expect(run([null, 0, 4, 4], ['secure', 0, 5, 4], ['secure', 0, 5, 5])).toEqual([
    ['no', null, false],
    ['pending', null, false],
    ['yes', null, false],
  ])
})

test('a bridge that was secure before we came is so at once, unless ovs-vswitchd is behind', () => {
  expect(run(['secure', 0, 4, 4])).toEqual([['yes', null, false]])
  expect(run(['secure', 0, 4, 3], ['secure', 0, 4, 4])).toEqual([
    ['pending', null, false],
    ['yes', null, false],
  ])
})

test('drift flushes the flows; they are read again when it is repaired and not before', () => {
  expect(
    run(
      ['secure', 0, 4, 4],
      ['standalone', 0, 5, 4],
      ['secure', 0, 6, 5],
      ['secure', 0, 6, 6],
      ['secure', 0, 7, 6],
    ),
  ).toEqual([
    ['yes', null, false],
    ['no', null, false],
    ['pending', null, false],
    ['yes', 'fail_mode changed', false],
    ['yes', null, false],
  ])
})

test('a change that nobody waits for is confirmed by a configuration that we ask for', () => {
  expect(run(['secure', 0, 4, 4], ['secure', 1, 4, 4], ['secure', 1, 5, 4], ['secure', 1, 5, 5])).toEqual([
    ['yes', null, false],
    ['yes', null, true],
    ['yes', null, false],
    ['yes', 'a first controller row came', false],
  ])
})

test('controller rows that come and go beside others flush nothing', () => {
  expect(run(['secure', 1, 4, 4], ['secure', 2, 5, 5], ['secure', 1, 6, 6], ['secure', 0, 7, 7])).toEqual([
    ['yes', null, false],
    ['yes', null, false],
    ['yes', null, false],
    ['yes', 'the last controller row went', false],
  ])
})
