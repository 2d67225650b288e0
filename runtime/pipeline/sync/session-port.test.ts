import { expect, test } from 'bun:test'
import { type ApplyResult, applied, notApplied } from '../../openflow/channel/refusals.ts'
import { failure, success } from '../../problem.ts'
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

/** Answers what it is asked for, by multipart type. */
const describing = (answers: Record<string, ReturnType<typeof failure> | Uint8Array>) =>
  sessionPort({
    ...answering(applied),
    multipartBytes: (message) => {
      const answer = answers[(message as { multipart_type: string }).multipart_type]!
      return Promise.resolve(answer instanceof Uint8Array ? success([answer]) : answer)
    },
  })
const reply = (...body: number[]) =>
  Uint8Array.from([4, 19, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, ...body])
const group = [0, 8, 0, 0, 0, 0, 0, 5]
const noSuch = failure({ ...refusal, received: 'OFPET_BAD_REQUEST OFPBRC_BAD_MULTIPART' })
const late = failure({ what: 'no answer within 1 ms', where: 'xid 3' })

test('a switch that refuses to describe groups and meters has none', async () => {
  const described = describing({ OFPMP_FLOW: reply(), OFPMP_GROUP_DESC: noSuch, OFPMP_METER_CONFIG: noSuch })
  expect(await described.read(1)).toMatchObject({ ok: true, value: { groups: [], meters: [] } })
})

test.each(['OFPMP_FLOW', 'OFPMP_GROUP_DESC', 'OFPMP_METER_CONFIG'])(
  'no answer about %s is no reading',
  async (type) => {
    const answers = { OFPMP_FLOW: reply(), OFPMP_GROUP_DESC: reply(...group), OFPMP_METER_CONFIG: reply() }
    expect((await describing(answers).read(1)).ok).toBe(true)
    expect(await describing({ ...answers, [type]: late }).read(1)).toEqual(late)
  },
)

test.each([
  ['that is too short', [0, 4, 0, 0, 0, 0, 0, 1]],
  ['of nothing', [0, 0, 0, 0, 0, 0, 0, 1]],
  ['beyond the end', [0, 16, 0, 0, 0, 0, 0, 1]],
  ['of which only a part is there', [0]],
])('an entry with a length %s is no reading', async (_, entry) => {
  const answers = {
    OFPMP_FLOW: reply(),
    OFPMP_GROUP_DESC: reply(...group, ...entry),
    OFPMP_METER_CONFIG: reply(),
  }
  expect(await describing(answers).read(1)).toMatchObject({
    ok: false,
    problem: { what: "an entry of the switch's groups has a wrong length", where: 'byte 24' },
  })
  const flows = { ...answers, OFPMP_GROUP_DESC: reply(), OFPMP_FLOW: reply(...entry) }
  expect((await describing(flows).read(1)).ok).toBe(false)
})

test('a switch that cannot be read says why', async () => {
  expect(await sessionPort(answering(applied)).read(1)).toEqual(failure(gone))
})
