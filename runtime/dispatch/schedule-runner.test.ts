import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { StateView } from '../../db/state/view.ts'
import type { CommitResult, Job } from '../../db/store/store.ts'
import { openTestStore, type TestStore } from '../../db/testing.ts'
import { createLogger } from '../log.ts'
import { decode } from '../openflow/index.ts'
import {
  forgetConnection,
  forward,
  type HandlerResult,
  metric,
  putFlow,
  type ScheduleEnvironment,
  schedule,
  send,
  sendOn,
} from '../openvnet.ts'
import { LoadedVersion } from './active-function.ts'
import { FunctionFailures } from './function-failures.ts'
import { FunctionRegistry } from './function-registry.ts'
import { scheduleLimits } from './limits.ts'
import { ScheduleRunner } from './schedule-runner.ts'
import { FakeSwitch } from './testing.ts'

let database: TestStore
const view = new StateView()
beforeAll(async () => {
  database = await openTestStore()
  view.load(await database.store.snapshot())
  database.store.onChanges((changes) => void view.apply(changes))
})
afterAll(() => database.dispose())

const log = createLogger('error', () => {}, false)
let registry: FunctionRegistry
let commit: (job: Job) => Promise<CommitResult>
let mayRun: boolean
let runner: ScheduleRunner
let bridge: FakeSwitch
beforeEach(() => {
  registry = new FunctionRegistry()
  commit = (job) => database.store.commit(job)
  mayRun = true
  bridge = new FakeSwitch()
  const failures = new FunctionFailures(registry, log)
  runner = new ScheduleRunner({
    ...{ registry, failures, log, state: () => view },
    commit: (job) => commit(job),
    mayRun: () => mayRun,
    hooks: { session: (dpid) => (dpid === bridge.dpid ? bridge : null) },
  })
})
afterEach(() => runner.close())

function serve(handle: (env: ScheduleEnvironment) => HandlerResult, every_host = false) {
  const definition = schedule({ name: 'a', every_ms: 100, every_host, handle })
  const version = new LoadedVersion('schedules/a', 1, '', definition)
  registry.activate(version)
  return version
}

const until = async (condition: () => boolean) => {
  for (const end = Date.now() + 4_000; Date.now() < end && !condition(); ) await Bun.sleep(5)
  expect(condition()).toBe(true)
}

test('a schedule runs again and again, with the time as an argument; what it writes is durable', async () => {
  const times: number[] = []
  const version = serve((env) => {
    times.push(env.now)
    env.draft().tunnelKeys.insert({ kind: 'network' })
    return metric('runs')
  })
  const before = view.tunnelKeys.size
  runner.start()
  await until(() => version.counts.ok >= 3)
  runner.close()
  expect(times.every((time, at) => at === 0 || time > times[at - 1]!)).toBe(true)
  expect(view.tunnelKeys.size).toBeGreaterThanOrEqual(before + 3)
  expect(version.metrics.get('runs')).toBe(version.counts.ok)
})

test('it runs once at a time, and not where it is another host’s turn', async () => {
  let calls = 0
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  commit = async (job) => {
    await gate
    return database.store.commit(job)
  }
  const version = serve((env) => {
    calls++
    env.draft().tunnelKeys.insert({ kind: 'network' })
  })
  runner.start()
  await until(() => calls === 1)
  await Bun.sleep(400)
  expect(calls).toBe(1)
  mayRun = false
  open()
  await until(() => version.counts.ok === 1)
  await Bun.sleep(400)
  expect(calls).toBe(1)
  mayRun = true
  await until(() => calls > 1)
})

test('it runs again on newer state where others change what it read, and then waits for its next turn', async () => {
  let conflicts = 2
  commit = async (job) => (conflicts-- > 0 ? { ok: false, kind: 'conflict' } : database.store.commit(job))
  let calls = 0
  const version = serve((env) => {
    calls++
    env.draft().tunnelKeys.insert({ kind: 'network' })
  })
  await runner.run(version, 1)
  expect([calls, version.counts.ok, version.counts.loadShed]).toEqual([3, 1, 0])
  conflicts = 1_000
  await runner.run(version, 2)
  expect([calls, version.counts.ok, version.counts.loadShed]).toEqual([8, 1, 1])
})

test('what goes wrong is counted, and writes nothing', async () => {
  const before = view.tunnelKeys.size
  const write = (env: ScheduleEnvironment) => void env.draft().tunnelKeys.insert({ kind: 'network' })
  const throwing = serve((env) => {
    write(env)
    throw new Error('by intent')
  })
  await runner.run(throwing, 1)
  const sending = serve((env) => {
    write(env)
    return send(new Uint8Array(60), 3)
  })
  await runner.run(sending, 1)
  const looping = serve((env) => {
    write(env)
    for (;;);
  })
  await runner.run(looping, 1)
  expect([throwing.counts.exception, sending.counts.invalidEffects, looping.counts.exceededTime]).toEqual([
    1, 1, 1,
  ])
  expect(view.tunnelKeys.size).toBe(before)
})

test('one of every host runs where others run for all; what it sends goes to the switches of this host', async () => {
  mayRun = false
  const here = Uint8Array.from({ length: 60 }, () => 1)
  const version = serve(
    () => [sendOn(bridge.dpid, send(here, 3)), sendOn('0x00000000000000ff', send(new Uint8Array(60), 3))],
    true,
  )
  runner.start()
  await until(() => version.counts.ok >= 2)
  runner.close()
  expect(bridge.sent.length).toBe(version.counts.ok)
  expect(bridge.sent[0]).toMatchObject({ port: 3, frame: here })
  expect([version.counts.switchGone, version.counts.invalidEffects]).toEqual([0, 0])
})

test('of many effects one that is wrong costs itself alone, and all where something is written', async () => {
  const { effectsMax } = scheduleLimits
  const right = sendOn(bridge.dpid, send(new Uint8Array(60), 3))
  const wrong = sendOn(bridge.dpid, send(new Uint8Array(60), 0))
  const version = serve(() => [wrong, ...Array.from({ length: 100 }, () => right)])
  await runner.run(version, 1)
  expect([bridge.sent.length, version.counts.ok, version.counts.invalidEffects]).toEqual([100, 1, 1])
  const tooMany = serve(() => Array.from({ length: effectsMax + 1 }, () => metric('one')))
  await runner.run(tooMany, 1)
  expect([tooMany.metrics.get('one'), tooMany.counts.invalidEffects]).toEqual([effectsMax, 1])
  const before = view.tunnelKeys.size
  const writing = serve((env) => {
    env.draft().tunnelKeys.insert({ kind: 'network' })
    return [wrong, right]
  })
  await runner.run(writing, 1)
  expect([bridge.sent.length, writing.counts.ok, writing.counts.invalidEffects]).toEqual([100, 0, 1])
  expect(view.tunnelKeys.size).toBe(before)
})

test('a packet for a named datapath has a frame of its own', async () => {
  for (const packet of [forward(3), send(new Uint8Array(60), 0), metric('no packet') as never]) {
    const version = serve(() => sendOn(bridge.dpid, packet))
    await runner.run(version, 1)
    expect(version.counts.invalidEffects).toBe(1)
  }
  expect(bridge.sent).toEqual([])
})

test('a flow that is put is a message of its own; what is none is refused', async () => {
  const messages: Uint8Array[] = []
  bridge.packetOut = (bytes, offset, end) => {
    messages.push(bytes.slice(offset, end))
    return true
  }
  const flow = { table: 10, priority: 5, cookie: 7n, match: [{ field: 'reg0', value: 3 }], instructions: [] }
  const version = serve(() => [putFlow(bridge.dpid, flow, 6), putFlow('0x00000000000000ff', flow, 6)])
  await runner.run(version, 1)
  expect(messages.map((bytes) => decode(bytes))).toMatchObject([
    {
      ok: true,
      value: { type: 'OFPT_FLOW_MOD', command: 'OFPFC_ADD', table_id: 10, hard_timeout: 6, cookie: 7n },
    },
  ])
  const wrong = [
    putFlow(bridge.dpid, flow, 0),
    putFlow(bridge.dpid, null as never, 6),
    putFlow(bridge.dpid, { ...flow, match: [{ field: 'none', value: 3 }] }, 6),
  ]
  for (const effect of wrong) {
    const refused = serve(() => effect)
    await runner.run(refused, 1)
    expect(refused.counts.invalidEffects).toBe(1)
  }
  expect(messages).toHaveLength(1)
})

test('a connection that is to be forgotten is a message of its own; what is none is refused', async () => {
  const messages: Uint8Array[] = []
  bridge.packetOut = (bytes, offset, end) => {
    messages.push(bytes.slice(offset, end))
    return true
  }
  const connection = {
    ...{ zone: 7, protocol: 6, source: 0x0a00_0001, destination: 0x0a00_0002 },
    ...{ sourcePort: 4_000, destinationPort: 80 },
  }
  const ping = { ...connection, protocol: 1, sourcePort: 8, destinationPort: 0 }
  await runner.run(
    serve(() => [connection, ping].map((one) => forgetConnection(bridge.dpid, one))),
    1,
  )
  const ends = [
    { type: 'NXT_CT_TUPLE_SRC', address: '::ffff:10.0.0.1' },
    { type: 'NXT_CT_TUPLE_DST', address: '::ffff:10.0.0.2' },
  ]
  const ports = [
    { type: 'NXT_CT_TUPLE_SRC_PORT', port: 4_000 },
    { type: 'NXT_CT_TUPLE_DST_PORT', port: 80 },
  ]
  const forgotten = (ip_proto: number, properties: readonly object[]) => ({
    ok: true,
    value: {
      ...{ type: 'NXT_CT_FLUSH', ip_proto },
      properties: [
        { type: 'NXT_CT_ORIG_TUPLE', properties },
        { type: 'NXT_CT_ZONE_ID', zone_id: 7 },
      ],
    },
  })
  expect(messages.map((bytes) => decode(bytes))).toMatchObject([
    forgotten(6, [...ends, ...ports]),
    forgotten(1, ends),
  ])
  for (const wrong of [null, { ...connection, zone: -1 }, { ...connection, sourcePort: 0.5 }]) {
    const refused = serve(() => forgetConnection(bridge.dpid, wrong as never))
    await runner.run(refused, 1)
    expect(refused.counts.invalidEffects).toBe(1)
  }
  expect(messages).toHaveLength(2)
})

test('looking through everything is no reason to run again: only what is read through the draft is', async () => {
  const jobs: Job[] = []
  commit = (job) => {
    jobs.push(job)
    return database.store.commit(job)
  }
  const version = serve((env) => {
    const [first] = env.state.tunnelKeys.all()
    if (first !== undefined) env.draft().tunnelKeys.get(first.id)
    env.draft().tunnelKeys.insert({ kind: 'network' })
  })
  await runner.run(version, 1)
  expect(jobs[0]!.reads.length).toBeLessThanOrEqual(1)
})
