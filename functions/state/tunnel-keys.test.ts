import { expect, test } from 'bun:test'
import { createDraft } from '../../db/state/draft.ts'
import { firstPlaceholder } from '../../db/state/types.ts'
import { type Rows, stateOf } from '../testing/state.ts'
import { freeTunnelKey, takeTunnelKey } from './tunnel-keys.ts'

const day = 24 * 60 * 60 * 1000
const now = 1_000 * day
const draftOf = (tunnelKeys: NonNullable<Rows['tunnelKeys']>) =>
  createDraft(stateOf({ tunnelKeys }), now).draft
const used = (id: number) => ({ id, kind: 'network' }) as const
const free = (id: number, freed_at: number) => ({ id, kind: 'free', freed_at }) as const

test('a key is new while none has been free for a day', () => {
  const draft = draftOf([used(1), free(2, now - day + 1)])
  expect(takeTunnelKey(draft, 'network', now)).toBeLessThan(firstPlaceholder)
  expect(takeTunnelKey(draft, 'network', now + 1)).toBe(2)
  expect(draft.tunnelKeys.get(2)).toMatchObject({ kind: 'network', freed_at: null })
  expect(takeTunnelKey(draft, 'network', now + 1)).toBeLessThan(firstPlaceholder)
})

test('a key that was given up is free from then on', () => {
  const draft = draftOf([used(1)])
  freeTunnelKey(draft, 1, now)
  expect(takeTunnelKey(draft, 'segment', now + day)).toBe(1)
  expect(draft.tunnelKeys.get(1)).toMatchObject({ kind: 'segment' })
})

test('when there is no new one, the one that has been free longest is taken; without any it says so', () => {
  const draft = draftOf([free(3, now - 5), free(4, now - 9), used(2 ** 24 - 1)])
  expect([takeTunnelKey(draft, 'network', now), takeTunnelKey(draft, 'network', now)]).toEqual([4, 3])
  expect(() => takeTunnelKey(draft, 'network', now)).toThrow('all 16777215 tunnel keys are in use')
})
