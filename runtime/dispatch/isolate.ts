/** The inside of an isolate: a Worker with its own copy of the state, which runs API functions, one request at a time. */
import { createDraft } from '../../db/state/draft.ts'
import { StateView } from '../../db/state/view.ts'
import { type Job, parseChanges } from '../../db/store/protocol.ts'
import { sourceStack } from '../deploy/handler-modules.ts'
import { loadVersion, type StoredVersion } from '../deploy/load-version.ts'
import { ApiFunctionError, type BuiltApp, buildApp, handleApiRequest } from '../http/isolate-app.ts'
import { parseTarget } from '../http/target.ts'
import type { ApiFunction } from '../openvnet/define.ts'
import type { Problem } from '../problem.ts'
import { restoreIntrinsics } from './intrinsics.ts'
import {
  type FromIsolate,
  type IsolateAnswer,
  type IsolateRequest,
  packAnswer,
  type TextToIsolate,
  type ToIsolate,
} from './isolate-protocol.ts'
import { LineBuffer } from './line-buffer.ts'
import { nextRandom, randomStep } from './random.ts'

declare const self: Worker

const intrinsicsCheckMs = 1_000

const view = new StateView()
let loaded = false
let early: string[] = []
let app: BuiltApp = buildApp([])
/** What `app` is made of: a version that stays is not loaded again. */
let serving: ReadonlyMap<string, ApiFunction> = new Map()
let prepared: { readonly id: number; readonly functions: typeof serving; readonly app: BuiltApp } | undefined

const post = (message: FromIsolate) => self.postMessage(JSON.stringify(message))

function loadState(snapshot: string) {
  view.load(JSON.parse(snapshot))
  loaded = true
  for (const changes of early) view.applyInto(parseChanges(changes))
  early = []
}

/** What one function edited must not be what the next ones meet. An isolate that cannot be put right ends, and is replaced. */
function putIntrinsicsRight() {
  const edited = restoreIntrinsics()
  if (edited.length === 0) return
  const message = 'built-in objects were edited and are put back'
  post({ type: 'log', level: 'error', message, fields: { edited: edited.join(' ') } })
  if (restoreIntrinsics().length > 0) process.exit(1)
}
setInterval(putIntrinsicsRight, intrinsicsCheckMs).unref()

async function prepare(id: number, versions: readonly StoredVersion[]): Promise<Problem | null> {
  putIntrinsicsRight()
  const functions = new Map<string, ApiFunction>()
  for (const version of versions) {
    const name = `${version.name}@${version.version}`
    const known = serving.get(name)
    if (known !== undefined) functions.set(name, known)
    else {
      const result = await loadVersion(version)
      if (!result.ok) return result.problem
      functions.set(name, { ...(result.value.definition as ApiFunction), name })
    }
  }
  try {
    prepared = { id, functions, app: buildApp([...functions.values()]) }
    return null
  } catch (error) {
    return {
      what: error instanceof Error ? error.message : String(error),
      where: 'the routes of the API functions',
    }
  }
}

function functionAt({ functions }: BuiltApp, target: string): string {
  const path = parseTarget(target)?.path ?? ''
  return functions.find((one) => path === one.path || path.startsWith(`${one.path}/`))?.name ?? 'api'
}

async function answer({ request, now, seed: firstSeed }: IsolateRequest): Promise<IsolateAnswer> {
  const pending = createDraft(view, now)
  const lines = new LineBuffer()
  let seed = firstSeed
  const random = () => nextRandom((seed = (seed + randomStep) | 0))
  const { revision } = view
  const by = functionAt(app, request.target)
  try {
    const { commit, ...response } = await handleApiRequest(app, request, {
      state: pending.draft,
      now,
      random,
      log: lines.logger,
    })
    const { writes, reads } = pending
    const job = commit && writes.length > 0 ? JSON.stringify({ writes, reads, revision } satisfies Job) : ''
    return { by, ...response, job, revision, error: null }
  } catch (error) {
    putIntrinsicsRight()
    const failed = error instanceof ApiFunctionError ? error.functionName : by
    return { by: failed, ...nothing, job: '', revision, error: errorOf(error) }
  } finally {
    for (const line of lines.take())
      if (line.type === 'log') post({ ...line, fields: { ...line.fields, function: by } })
  }
}

const stackCharactersMax = 4_096
const nothing = { status: 503, headers: {}, body: '' }

function errorOf(error: unknown): { message: string; stack: string } {
  const cause = error instanceof ApiFunctionError ? error.cause : error
  if (!(cause instanceof Error)) return { message: String(cause), stack: '' }
  return { message: cause.message, stack: sourceStack(String(cause.stack)).slice(0, stackCharactersMax) }
}

function receiveText({ type, text }: TextToIsolate): void {
  if (type === 'state') loadState(text)
  else if (loaded) view.applyInto(parseChanges(text))
  else early.push(text)
}

async function receive(message: ToIsolate): Promise<void> {
  switch (message.type) {
    case 'prepare':
      return post({ type: 'prepared', id: message.id, problem: await prepare(message.id, message.versions) })
    case 'serve':
      if (prepared?.id !== message.id) return
      app = prepared.app
      serving = prepared.functions
      prepared = undefined
      return
    case 'request':
      return self.postMessage(packAnswer(message.id, await answer(message)))
  }
}

/** One message after the other: a request sees the state of one revision, and is to blame alone for the time it takes. */
const inbox: (string | TextToIsolate)[] = []
let busy = false
async function work() {
  if (busy) return
  busy = true
  for (let message = inbox.shift(); message !== undefined; message = inbox.shift())
    if (typeof message === 'string') await receive(JSON.parse(message) as ToIsolate)
    else receiveText(message)
  busy = false
}

self.onmessage = ({ data }: MessageEvent<string | TextToIsolate>) => {
  inbox.push(data)
  void work()
}
