import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { StateView } from '../../db/state/view.ts'
import type { CommitResult, Job } from '../../db/store/store.ts'
import { openTestStore, type TestStore } from '../../db/testing.ts'
import { createLogger } from '../log.ts'
import { type EventEnvironment, event, type HandlerResult, send } from '../openvnet.ts'
import { LoadedVersion } from './active-function.ts'
import { EventDispatcher } from './event-dispatcher.ts'
import { FunctionFailures } from './function-failures.ts'
import { FunctionRegistry } from './function-registry.ts'
import { eventQueueLimits, failureLimits } from './limits.ts'

let database: TestStore
const view = new StateView()
beforeAll(async () => {
  database = await openTestStore()
  view.load(await database.store.snapshot())
  database.store.onChanges((changes) => void view.apply(changes))
})
afterAll(() => database.dispose())

const dpid = '0x0000000000000001'
const joined = { type: 'datapath-joined', dpid } as const
let registry: FunctionRegistry
let lost: string[]
let sent: string[]
let gone: boolean
let slow: boolean
let commit: (job: Job) => Promise<CommitResult>
let dispatcher: EventDispatcher
beforeEach(() => {
  registry = new FunctionRegistry()
  lost = []
  sent = []
  gone = false
  slow = false
  commit = (job) => database.store.commit(job)
  const log = createLogger('error', () => {}, false)
  dispatcher = new EventDispatcher({
    registry,
    failures: new FunctionFailures(registry, log),
    state: () => view,
    commit: (job) => commit(job),
    session: (to) => (gone ? null : { endedBy: null, packetOut: () => !slow && sent.push(to) > 0 }),
    log,
    onLost: (of) => void lost.push(of),
  })
})

function serve(handle: (env: EventEnvironment, dpid: string) => HandlerResult, name = 'a') {
  const definition = event({ name, on: 'datapath-joined', handle: (of, env) => handle(env, of.dpid) })
  const version = new LoadedVersion(`events/${name}`, 1, '', definition)
  registry.activate(version)
  return version
}

test('what a function changes is durable when the event is done; its packets leave after that', async () => {
  let sizeWhenSent = -1
  serve((env) => {
    env.state.tunnelKeys.insert({ kind: 'network' })
    return send(new Uint8Array(60), 3)
  })
  const before = view.tunnelKeys.size
  const pushed = sent.push.bind(sent)
  sent.push = (...items) => {
    sizeWhenSent = view.tunnelKeys.size
    return pushed(...items)
  }
  await dispatcher.dispatch(joined)
  expect(view.tunnelKeys.size).toBe(before + 1)
  expect(sizeWhenSent).toBe(before + 1)
  expect(sent).toEqual([dpid])
})

test('a packet that does not leave is named for what kept it', async () => {
  const version = serve(() => send(new Uint8Array(60), 3))
  slow = true
  await dispatcher.dispatch(joined)
  expect([version.counts.loadShed, version.counts.switchGone]).toEqual([1, 0])
  gone = true
  await dispatcher.dispatch(joined)
  expect([version.counts.loadShed, version.counts.switchGone]).toEqual([1, 1])
})

test('events of a datapath run in order, those of another do not wait for them', async () => {
  const order: string[] = []
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  commit = async (job) => {
    if (order.length === 1) await gate
    return database.store.commit(job)
  }
  serve((env, of) => {
    order.push(of.at(-1)!)
    env.state.tunnelKeys.insert({ kind: 'network' })
  })
  const first = dispatcher.dispatch(joined)
  const second = dispatcher.dispatch(joined)
  await dispatcher.dispatch({ type: 'datapath-joined', dpid: '0x0000000000000002' })
  expect(order).toEqual(['1', '2'])
  open()
  await Promise.all([first, second])
  expect(order).toEqual(['1', '2', '1'])
})

test('a function whose reads have changed runs again on the newer state', async () => {
  const sizes: number[] = []
  commit = async (job) => {
    if (sizes.length === 1)
      await database.store.commit({
        writes: [
          {
            op: 'insert',
            table: 'tunnelKeys',
            row: { id: -1_000_000_000_001, kind: 'segment', created_at: 1 },
          },
        ],
        reads: [],
        revision: view.revision,
      })
    return database.store.commit(job)
  }
  const version = serve((env) => {
    sizes.push([...env.state.tunnelKeys.all()].length)
    env.state.tunnelKeys.insert({ kind: 'network' })
  })
  await dispatcher.dispatch(joined)
  expect(sizes).toEqual([sizes[0]!, sizes[0]! + 1])
  expect(version.counts.ok).toBe(1)
})

test('a function that fails costs its event; the next function of the event runs', async () => {
  const bad = serve(() => {
    throw new Error('by intent')
  }, 'a')
  const good = serve(() => {}, 'b')
  await dispatcher.dispatch(joined)
  expect([bad.counts.exception, good.counts.ok]).toEqual([1, 1])
})

test('an endless loop is stopped, and blamed after its second run', async () => {
  let runs = 0
  const version = serve(() => {
    runs++
    for (;;);
  })
  await dispatcher.dispatch(joined)
  expect(runs).toBe(2)
  expect(version.counts.exceededTime).toBe(1)
})

test('a value that no column holds is a failure of the function that wrote it', async () => {
  const loops = {
    toJSON() {
      for (;;);
    },
  }
  const version = serve((env) => void env.state.tunnelKeys.insert({ kind: loops as unknown as 'network' }))
  await dispatcher.dispatch(joined)
  expect(version.counts.exception).toBe(1)
})

test('a commit that breaks costs its event, which is said to be lost; the next ones are served', async () => {
  commit = () => Promise.reject(new Error('by intent'))
  const version = serve((env) => void env.state.tunnelKeys.insert({ kind: 'network' }))
  await Promise.all([dispatcher.dispatch(joined), dispatcher.dispatch(joined)])
  expect(dispatcher.counts.exception).toBe(2)
  expect(lost).toEqual([dpid, dpid])
  commit = (job) => database.store.commit(job)
  await dispatcher.dispatch(joined)
  expect(version.counts.ok).toBe(1)
})

test('events that fail, and those that find their function set aside, are said to be lost', async () => {
  const version = serve((_, of) => {
    if (of === dpid) for (;;);
  })
  for (let n = 0; n < failureLimits.timeoutsMax; n++) await dispatcher.dispatch(joined)
  expect(version.counts.exceededTime).toBe(failureLimits.timeoutsMax)
  const other = '0x0000000000000002'
  await dispatcher.dispatch({ type: 'datapath-joined', dpid: other })
  expect(dispatcher.counts.noFunction).toBe(1)
  expect(lost).toEqual([...Array(failureLimits.timeoutsMax).fill(dpid), other])
})

test('while the database is away an event waits', async () => {
  let away = 3
  commit = (job) =>
    away-- > 0
      ? Promise.resolve({ ok: false, kind: 'unavailable', problem: { what: 'away', where: 'test' } })
      : database.store.commit(job)
  const version = serve((env) => void env.state.tunnelKeys.insert({ kind: 'network' }))
  await dispatcher.dispatch(joined)
  expect(version.counts.ok).toBe(1)
  expect(lost).toEqual([])
})

test('what cannot be kept is said to be lost', async () => {
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  commit = (job) => gate.then(() => database.store.commit(job))
  serve((env) => void env.state.tunnelKeys.insert({ kind: 'network' }))
  const first = dispatcher.dispatch(joined)
  await Bun.sleep(1)
  const waiting = Array.from({ length: eventQueueLimits.perDatapathMax }, () => dispatcher.dispatch(joined))
  await dispatcher.dispatch(joined)
  expect(lost).toEqual([dpid])
  expect(dispatcher.counts.loadShed).toBe(1)
  dispatcher.close()
  open()
  await Promise.all([first, ...waiting])
})
