import { expect, test } from 'bun:test'
import { type ApplyResult, applied, notApplied } from '../../openflow/channel/refusals.ts'
import { failure } from '../../problem.ts'
import { type SyncSession, sessionPort } from './session-port.ts'

const gone = { what: 'closed by us', where: 'session' }
const refusal = {
  what: 'the switch refused the message',
  where: 'xid 9',
  received: 'OFPET_BAD_ACTION OFPBAC_BAD_OUT_GROUP',
}

const answering = (result: ApplyResult): SyncSession => ({
  bundlesSupported: true,
  bundle: () => Promise.resolve(result),
  ordered: () => Promise.resolve(result),
  multipartBytes: () => Promise.resolve(failure(gone)),
})
const bundle = (result: ApplyResult) => sessionPort(answering(result)).bundle([], 1)
const each = (result: ApplyResult) => sessionPort(answering(result)).each([], 1)

test('a bundle is refused only where the switch says so', async () => {
  expect(await bundle(applied)).toEqual({ kind: 'applied' })
  expect(await bundle(notApplied(refusal, [{ index: 3, problem: refusal }]))).toEqual({
    kind: 'refused',
    problem: refusal,
    refused: new Map([[3, refusal]]),
  })
  expect(await bundle(notApplied(refusal))).toMatchObject({ kind: 'refused', refused: new Map() })
})

test('what ended, was not sent or not answered is unknown: nothing is tried in parts', async () => {
  expect(await bundle(notApplied(gone))).toMatchObject({ kind: 'unknown' })
  expect(await bundle(notApplied(refusal, [{ index: 0, problem: refusal }], 'unknown'))).toMatchObject({
    kind: 'unknown',
  })
  expect(await each(notApplied(gone))).toMatchObject({ unknown: gone })
  expect(await each(notApplied(gone, [{ index: 1, problem: refusal }], 'unknown'))).toMatchObject({
    unknown: gone,
  })
})

test('ordered messages are refused one by one', async () => {
  expect(await each(notApplied(refusal, [{ index: 1, problem: refusal }], 'some'))).toEqual({
    refused: new Map([[1, refusal]]),
  })
})

test('a switch that cannot be read says why', async () => {
  expect(await sessionPort(answering(applied)).read(1)).toEqual(failure(gone))
})
