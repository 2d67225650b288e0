/** The API in one process on a real store, for tests: what the host and its isolates do, without their threads. */

import { createDraft } from '../../db/state/draft.ts'
import type { Draft } from '../../db/state/types.ts'
import { StateView } from '../../db/state/view.ts'
import { openTestStore } from '../../db/testing.ts'
import { buildApp, handleApiRequest } from '../../runtime/http/isolate-app.ts'
import { commitError, errorAnswer } from '../../runtime/http/outcomes.ts'
import { replacePlaceholders } from '../../runtime/http/placeholders.ts'
import type { DispatchedResponse, PlainRequest } from '../../runtime/http/plain.ts'
import { silent } from '../../runtime/log.ts'
import { assertDocumented } from './documented.ts'
import { apiFunctions } from './index.ts'

const attemptsMax = 5

export interface TestAnswer extends DispatchedResponse {
  /** The body as JSON, if it is. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any
}

export interface TestApi {
  readonly view: StateView
  /** Runs a request; `body` is sent as JSON. Throws where the answer is not as the OpenAPI document says. */
  call(method: string, path: string, body?: unknown): Promise<TestAnswer>
  request(request: PlainRequest): Promise<TestAnswer>
  /** Writes to the state beside the API, as events do. */
  write(change: (draft: Draft) => void): Promise<void>
  dispose(): Promise<void>
}

const parsed = (text: string) => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An API on a new, empty database. */
export async function openTestApi(): Promise<TestApi> {
  const { store, dispose } = await openTestStore()
  const view = new StateView()
  view.load(await store.snapshot())
  store.onChanges((changes) => void view.apply(changes))
  const app = buildApp(apiFunctions)

  async function attempt(plain: PlainRequest): Promise<DispatchedResponse | undefined> {
    const now = Date.now()
    const pending = createDraft(view, now)
    const environment = { state: pending.draft, now, random: Math.random, log: silent }
    const { commit, ...answer } = await handleApiRequest(app, plain, environment)
    const { revision } = pending.draft
    if (!commit || pending.writes.length === 0) return { ...answer, revision }
    const result = await store.commit({ writes: pending.writes, reads: pending.reads, revision })
    if (result.ok)
      return { ...answer, body: replacePlaceholders(answer.body, result.ids), revision: result.revision }
    return result.kind === 'conflict' ? undefined : { ...errorAnswer(commitError(result)), revision }
  }

  async function answerTo(plain: PlainRequest): Promise<DispatchedResponse> {
    for (let count = 0; count < attemptsMax; count++) {
      const answer = await attempt(plain)
      if (answer !== undefined) return answer
    }
    return { ...errorAnswer(commitError({ kind: 'conflict' })), revision: view.revision }
  }

  async function request(plain: PlainRequest): Promise<TestAnswer> {
    const answer = await answerTo(plain)
    const json = parsed(answer.body)
    await assertDocumented(plain.method, plain.target, parsed(plain.body), { status: answer.status, json })
    return { ...answer, json }
  }

  async function write(change: (draft: Draft) => void): Promise<void> {
    const { draft, writes, reads } = createDraft(view, Date.now())
    change(draft)
    const result = await store.commit({ writes, reads, revision: draft.revision })
    if (!result.ok) throw new Error(result.kind)
  }

  const call = (method: string, path: string, body?: unknown) =>
    request({
      method,
      target: `/api/1.0${path}`,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      body: body === undefined ? '' : JSON.stringify(body),
    })
  return { view, call, request, write, dispose }
}
