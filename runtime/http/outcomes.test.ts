import { expect, test } from 'bun:test'
import type { Problem } from '../problem.ts'
import { type CommitFailure, commitError, errorAnswer, outcomeError } from './outcomes.ts'

const problem = (received: string): Problem => ({ what: 'refused', where: 'table', received })
const unique = (...columns: string[]): CommitFailure => ({
  kind: 'constraint',
  problem: problem('UNIQUE constraint failed'),
  columns,
})

const cases: [string, CommitFailure, number, string][] = [
  ['a uuid', unique('uuid'), 409, '102'],
  ['a datapath id', unique('dpid'), 409, '102'],
  ['a MAC address', unique('mac_address'), 409, '115'],
  ['an IP address', unique('network_id', 'ipv4_address'), 409, '115'],
  ['a relation', unique('datapath_id', 'network_id'), 409, '112'],
  [
    'another constraint',
    { kind: 'constraint', problem: problem('CHECK constraint failed'), columns: [] },
    400,
    '110',
  ],
  ['others that are faster', { kind: 'conflict' }, 503, '503'],
  ['a database that is away', { kind: 'unavailable', problem: problem('ECONNREFUSED') }, 503, '503'],
]

test.each(cases)('a commit that is refused for %s', (_, failure, status, code) => {
  const answer = errorAnswer(commitError(failure), 'json')
  expect([answer.status, JSON.parse(answer.body).code]).toEqual([status, code])
  expect(answer.headers['retry-after']).toBe(status === 503 ? '1' : (undefined as never))
})

test('a function that fails is named, with its outcome', () => {
  const answer = errorAnswer(outcomeError('networks@3', 'exceededTime'), 'yaml')
  expect(answer.status).toBe(503)
  expect(answer.body).toContain('networks@3: exceededTime; nothing is written')
})
