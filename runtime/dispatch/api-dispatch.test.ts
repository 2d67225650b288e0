import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { createDraft } from '../../db/state/draft.ts'
import { StateView } from '../../db/state/view.ts'
import { openTestStore, type TestStore } from '../../db/testing.ts'
import { eventually } from '../../tests/support/open-vswitch.ts'
import type { StoredVersion } from '../deploy/load-version.ts'
import { createLogger } from '../log.ts'
import { ApiDispatcher } from './api-dispatch.ts'
import { FunctionFailures } from './function-failures.ts'
import { FunctionRegistry } from './function-registry.ts'
import type { IsolateLimits } from './isolate-pool.ts'
import { isolateLimits } from './limits.ts'

let database: TestStore
const view = new StateView()
let current: ApiDispatcher | undefined
beforeAll(async () => {
  database = await openTestStore()
  view.load(await database.store.snapshot())
  database.store.onChanges((changes, _, text) => {
    view.apply(changes)
    current?.changes(text)
  })
})
afterAll(() => database.dispose())
afterEach(() => {
  current?.close()
  current = undefined
})

const routes = `
  app.get('/hello', (c) => c.json({ version: VERSION }))
  app.get('/loop', () => { for (;;); })
  app.get('/exit', () => process.exit(3))
  app.get('/throw', () => { throw new Error('by intent') })
  app.get('/edit', (c) => { Map.prototype.get = () => undefined; return c.json({}) })
  app.get('/freeze', (c) => {
    Object.defineProperty(Map.prototype, 'get', { value: () => undefined, writable: false, configurable: false })
    return c.json({})
  })
  app.get('/speak/:text', (c) => {
    const text = c.req.param('text')
    if (text === 'text') postMessage('{')
    else if (text === 'null') postMessage(null)
    else for (let id = 0; id < 1_000; id++)
      postMessage({ id, head: text === 'head' ? '{' : '{"by":"api/t@1","status":200,"headers":{},"revision":0,"error":null}', body: '', job: text === 'job' ? '{' : 5 })
    return c.json({})
  })
  app.get('/never', () => new Promise(() => {}))
  app.get('/reject', (c) => { Promise.reject(new Error('nobody waits')); return c.json({}) })
  app.get('/slow', async (c) => { await Bun.sleep(60); return c.json({ version: VERSION }) })
  app.get('/count', (c) => c.json({ count: c.env.environment.state.tunnelKeys.size }))
  app.post('/add', (c) => {
    const { state, now } = c.env.environment
    const row = state.tunnelKeys.insert({ kind: 'network' })
    return c.json({ id: row.id, note: 'id ' + row.id })
  })
  app.post('/unique', (c) => {
    const { state } = c.env.environment
    const size = [...state.tunnelKeys.all()].length
    state.tunnelKeys.insert({ kind: 'segment' })
    return c.json({ before: size })
  })
  app.post('/refused', (c) => { c.env.environment.state.tunnelKeys.insert({ kind: 'network' }); return c.json({}, 400) })
`
const bundleOf = (version: number, body = routes) =>
  `// @bun\nimport { api } from 'openvnet'\nconst VERSION = ${version}\nexport default api({ name: 't', path: '/t', routes(app) { ${body} } })\n`
const stored = (version: number, body?: string): StoredVersion => ({
  name: 'api/t',
  version,
  digest: '',
  bundle: bundleOf(version, body),
})

async function start(limits: Partial<IsolateLimits> = {}) {
  const logged: Record<string, unknown>[] = []
  const log = createLogger('debug', (line) => void logged.push(JSON.parse(line)), false)
  const failures = new FunctionFailures(new FunctionRegistry(), log)
  const dispatcher = new ApiDispatcher({
    commit: (job) => database.store.commit(job),
    snapshot: async () => JSON.stringify(await database.store.snapshot()),
    failures,
    log,
    limits,
  })
  current = dispatcher
  const activated = await dispatcher.activate([stored(1)])
  if (!activated.ok) throw new Error(JSON.stringify(activated.problem))
  while (dispatcher.isolates < isolateLimits.count) await Bun.sleep(5)
  const ask = (path: string, method = 'GET') =>
    dispatcher.dispatch({ method, target: `/api/1.0/t${path}`, headers: {}, body: '' })
  const json = async (path: string, method?: string) => JSON.parse((await ask(path, method)).body)
  return { dispatcher, ask, json, logged, version: () => [...dispatcher.versions][0]! }
}

describe('requests', () => {
  test('are answered by the function that serves', async () => {
    const { json, version } = await start()
    expect(await json('/hello')).toEqual({ version: 1 })
    expect(version().counts.ok).toBe(1)
  })

  test('that write are answered when it is durable, with real ids', async () => {
    const { ask, json } = await start()
    const answer = await ask('/add', 'POST')
    const { id, note } = JSON.parse(answer.body)
    expect(id).toBeGreaterThan(0)
    expect(view.tunnelKeys.get(id)).toMatchObject({ kind: 'network' })
    expect(note).toContain('-1000')
    expect(answer.revision).toBe(view.revision)
    // Whoever asks next sees it, whichever isolate answers.
    const counts = await Promise.all(Array.from({ length: 8 }, () => json('/count')))
    expect(new Set(counts.map(({ count }) => count))).toEqual(new Set([view.tunnelKeys.size]))
  })

  test('that are refused write nothing', async () => {
    const { ask } = await start()
    const before = view.tunnelKeys.size
    expect((await ask('/refused', 'POST')).status).toBe(400)
    expect(view.tunnelKeys.size).toBe(before)
  })

  test('that read what others change run again: nothing is lost, nothing is done twice', async () => {
    const { ask } = await start()
    const before = view.tunnelKeys.size
    const answers = await Promise.allSettled(Array.from({ length: 12 }, () => ask('/unique', 'POST')))
    const done = answers.flatMap((answer) =>
      answer.status === 'fulfilled' ? [JSON.parse(answer.value.body).before] : [],
    )
    expect(new Set(done).size).toBe(done.length)
    expect(done.length).toBeGreaterThan(0)
    expect(view.tunnelKeys.size).toBe(before + done.length)
  })

  test('that want the same are all carried out, however many they are', async () => {
    const { ask } = await start()
    const before = view.tunnelKeys.size
    const answers = await Promise.all(Array.from({ length: 150 }, () => ask('/unique', 'POST')))
    const seen = answers.map(({ body }) => JSON.parse(body).before as number)
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 150 }, (_, n) => before + n))
  })

  test('see a write of somebody else that was acknowledged before', async () => {
    const { json } = await start()
    for (let turn = 0; turn < 20; turn++) {
      const { draft, writes, reads } = createDraft(view, Date.now())
      draft.tunnelKeys.insert({ kind: 'network' })
      await database.store.commit({ writes, reads, revision: draft.revision })
      expect((await json('/count')).count).toBe(view.tunnelKeys.size)
    }
  })
})

describe('a request that goes wrong costs itself, and nothing else', () => {
  const limits = { requestTimeMs: 300, slowMs: 100 }
  /** Runs it among others. */
  async function among(path: string) {
    const host = await start(limits)
    const bad = host.ask(path).then(
      () => 'answered',
      (error) => `${error.errorClass}: ${error.message}`,
    )
    const others = Promise.all(Array.from({ length: 40 }, () => host.json('/hello')))
    expect((await others).every(({ version }) => version === 1)).toBe(true)
    const result = await bad
    expect(await host.json('/hello')).toEqual({ version: 1 })
    return { ...host, result }
  }

  test('an endless loop', async () => {
    const { result, version, logged } = await among('/loop')
    expect(result).toStartWith('Unavailable: api/t@1: exceededTime')
    expect(version().counts.exceededTime).toBe(1)
    expect(logged).toContainEqual(expect.objectContaining({ outcome: 'exceededTime', function: 'api/t@1' }))
  })

  test('a promise that never resolves', async () => {
    expect((await among('/never')).result).toContain('exceededTime')
  })

  test.each(['text', 'null', 'head', 'rest'])('words that nobody understands: %s', async (text) => {
    const { result, logged } = await among(`/speak/${text}`)
    expect(result).toContain('api/t@1: exception')
    expect(logged).toContainEqual(
      expect.objectContaining({ reason: expect.stringContaining('it says what cannot be read') }),
    )
  })

  test('a job that is none', async () => {
    const { ask, json } = await start(limits)
    expect(await ask('/speak/job').then(String, (error: Error) => error.message)).toContain('this is no job')
    // What else it said may still be on its way, and be taken for the answer of the next.
    const isAnswered = () =>
      json('/hello').then(
        ({ version }) => version === 1,
        () => false,
      )
    await eventually('the next to be answered', isAnswered)
  })

  test('process.exit, twice', async () => {
    const { result, version } = await among('/exit')
    expect(result).toContain('api/t@1: exception')
    expect(version().counts.exception).toBe(1)
  })

  test('a throw, with the line in the log', async () => {
    const { result, logged } = await among('/throw')
    expect(result).toContain('by intent')
    const line = logged.find(({ message }) => message === 'function failed')!
    expect(line['stack']).toContain('api/t@1')
  })

  test('a rejection that nobody waits for', async () => {
    expect((await among('/reject')).result).toBeOneOf(['answered', expect.stringContaining('exception')])
  })

  test.each([
    ['/edit', 'a built-in object that it edits'],
    ['/freeze', 'one that it edits for good'],
  ])('%s: %s', async (path) => {
    const { ask, json, dispatcher } = await start()
    await Promise.allSettled(Array.from({ length: 8 }, () => ask(path)))
    await Bun.sleep(1_500)
    expect(await dispatcher.activate([stored(2)])).toMatchObject({ ok: true })
    const answers = await Promise.all(Array.from({ length: 8 }, () => json('/hello')))
    expect(answers.every(({ version }) => version === 2)).toBe(true)
  })

  test('many loops at once', async () => {
    const host = await start(limits)
    const loops = Promise.allSettled(Array.from({ length: 4 }, () => host.ask('/loop')))
    expect((await loops).every(({ status }) => status === 'rejected')).toBe(true)
    expect(await host.json('/hello')).toEqual({ version: 1 })
  })
})

test('more requests than may wait are refused, at once', async () => {
  const { ask, dispatcher } = await start({ queueMax: 4, perIsolateMax: 1, requestTimeMs: 2_000 })
  const asked = Array.from({ length: 20 }, () => ask('/slow'))
  const answers = await Promise.allSettled(asked)
  const refused = answers.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
  expect(refused.length).toBe(14)
  expect(refused[0]!.reason.message).toContain('loadShed')
  expect([...dispatcher.versions][0]!.counts.loadShed + dispatcher.counts.loadShed).toBe(14)
})

describe('activation', () => {
  test('turns all isolates at once; what runs finishes on the old version', async () => {
    const { dispatcher, json } = await start()
    const running = json('/slow')
    await dispatcher.activate([stored(2)])
    expect(await running).toEqual({ version: 1 })
    const after = await Promise.all(Array.from({ length: 20 }, () => json('/hello')))
    expect(after.every(({ version }) => version === 2)).toBe(true)
  })

  test('under load loses no request, and never goes back a version', async () => {
    const { dispatcher, json } = await start()
    let going = true
    const client = async () => {
      const seen: number[] = []
      while (going) seen.push((await json('/hello')).version)
      return seen
    }
    const clients = Array.from({ length: 8 }, client)
    for (let version = 2; version <= 20; version++) await dispatcher.activate([stored(version)])
    going = false
    for (const seen of await Promise.all(clients)) expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect((await json('/hello')).version).toBe(20)
  })

  test.each([
    ['that does not parse', 'this is not code'],
    ['that throws', "throw new Error('no')"],
    ['that adds a route wrongly', 'app.teapot()'],
  ])('of a function %s leaves what serves', async (_, body) => {
    const { dispatcher, json } = await start()
    expect(await dispatcher.activate([stored(2, body)])).toMatchObject({ ok: false })
    expect(await json('/hello')).toEqual({ version: 1 })
  })

  test('of a function that loops while it is loaded leaves what serves', async () => {
    const { dispatcher, json } = await start({ startTimeMs: 3_000 })
    expect(await dispatcher.activate([stored(2, 'for (;;);')])).toMatchObject({ ok: false })
    expect(await json('/hello')).toEqual({ version: 1 })
  }, 20_000)
})
