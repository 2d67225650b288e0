import { expect, test } from 'bun:test'
import type { Draft } from '../../db/state/types.ts'
import { silent } from '../log.ts'
import { batchAnswerCharactersMax } from './batch.ts'
import { buildApp, handleApiRequest } from './isolate-app.ts'
import type { ApiApp } from './serve.ts'

const answerCharacters = 1024 * 1024
let served = 0
const app = buildApp([
  {
    name: 'api/large',
    path: '/large',
    routes: (own: ApiApp) =>
      own.get('/', (c) => {
        served++
        return c.json('x'.repeat(answerCharacters))
      }),
  },
])

const batch = (items: number) => {
  const body = JSON.stringify(Array.from({ length: items }, () => ({ method: 'GET', path: '/large' })))
  const headers = { 'content-type': 'application/json' }
  const environment = { state: {} as Draft, now: 0, random: () => 0, log: silent }
  return handleApiRequest(app, { method: 'POST', target: '/api/1.0/batch', headers, body }, environment)
}

test('a batch whose answers come to too much is refused as soon as they do, and nothing of it is committed', async () => {
  const fitting = Math.floor(batchAnswerCharactersMax / (answerCharacters + 2))
  const fits = await batch(fitting)
  expect([fits.status, fits.commit]).toEqual([200, true])
  served = 0
  const { status, commit, body } = await batch(10_000)
  expect([status, commit, served]).toEqual([413, false, fitting + 1])
  expect(JSON.parse(body)).toMatchObject({
    error: 'Vnet::Endpoints::RequestTooLarge',
    message: expect.stringContaining(String(batchAnswerCharactersMax)),
    index: fitting,
  })
})
