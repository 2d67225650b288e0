import { afterEach, beforeEach, expect, test } from 'bun:test'
import { createSocket, type Socket } from 'node:dgram'
import { type AddressInfo, createServer } from 'node:net'
import { StateView } from '../../db/state/view.ts'
import { createLogger } from '../log.ts'
import type { TaskFunction } from '../openvnet/define.ts'
import { call, drop, exchange, remember, send } from '../openvnet/effects.ts'
import { LoadedVersion } from './active-function.ts'
import { FunctionFailures } from './function-failures.ts'
import { FunctionRegistry } from './function-registry.ts'
import { taskLimits } from './limits.ts'
import { Memory } from './memory.ts'
import { TaskDispatcher } from './task-dispatcher.ts'
import { createTestHost, FakeSwitch, packetFunction, packetInMessage } from './testing.ts'

const loopback = 0x7f00_0001
const source = { dpid: '0x0000000000000001', caller: 'port 3' }
let registry: FunctionRegistry
let failures: FunctionFailures
let memory: Memory
let tasks: TaskDispatcher
let sent: string[]
let server: Socket
let port: number
/** What the server says to each message. */
let says: (message: Buffer) => Buffer[]

beforeEach(async () => {
  const log = createLogger('error', () => {}, false)
  registry = new FunctionRegistry()
  failures = new FunctionFailures(registry, log)
  memory = new Memory()
  sent = []
  const session = (dpid: string) => ({
    endedBy: null,
    packetOut: (_: Uint8Array, offset: number, end: number) => sent.push(`${dpid} ${end - offset}`) > 0,
  })
  tasks = new TaskDispatcher({ registry, failures, memory, state: () => new StateView(), session, log })
  says = () => []
  server = createSocket('udp4')
  server.on('message', (message, from) => {
    for (const answer of says(message)) server.send(answer, from.port, from.address)
  })
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
  port = server.address().port
})
afterEach(() => {
  tasks.close()
  failures.close()
  server.close()
})

type Handle = TaskFunction['handle']
function serve(handle: Handle, version = 1): LoadedVersion<TaskFunction> {
  const loaded = new LoadedVersion<TaskFunction>('tasks/t', version, '', { kind: 'task', name: 't', handle })
  registry.activate(loaded)
  return loaded
}
const start = (payload: unknown = null, from = source) => tasks.call('t', JSON.stringify(payload), from)
const asking = (fields: Partial<Parameters<typeof exchange>[0]> = {}) =>
  exchange({
    transport: 'udp',
    address: loopback,
    port,
    message: Uint8Array.of(1, 2),
    expect: Uint8Array.of(1),
    timeoutMs: 2_000,
    payload: 'next',
    ...fields,
  })

async function over(): Promise<void> {
  const until = performance.now() + 5_000
  while (tasks.waiting > 0 && performance.now() < until) await Bun.sleep(2)
  expect(tasks.waiting).toBe(0)
}

test('a task asks, is run again with the answer, and what it sends goes to its switch', async () => {
  says = (message) => [Buffer.from([9, 9]), Buffer.from([...message, 3])]
  const steps: unknown[] = []
  const version = serve((step) => {
    steps.push({ ...step, answer: step.answer?.toHex() ?? null })
    return step.exchanges === 0
      ? asking()
      : [send(new Uint8Array(60), 1), remember('k', Uint8Array.of(5), 1_000)]
  })
  expect(start({ a: 1 })).toBe(true)
  await over()
  // What does not begin as it must was for somebody else.
  expect(steps).toEqual([
    { payload: { a: 1 }, answer: null, exchanges: 0 },
    { payload: 'next', answer: '010203', exchanges: 1 },
  ])
  expect(sent).toEqual(['0x0000000000000001 100'])
  expect(memory.recall('k', Date.now())?.bytes).toEqual(Uint8Array.of(5))
  expect(version.counts.ok).toBe(2)
})

test('those who ask the same at the same time get the answer to one question', async () => {
  let questions = 0
  says = (message) => {
    questions++
    return message[1] === 2 ? [message] : []
  }
  const answers: unknown[] = []
  serve(({ payload, answer, exchanges }) => {
    if (exchanges > 0) return void answers.push([payload, answer?.toHex() ?? null])
    const { who, what, join } = payload as { who: number; what: number; join?: string }
    const of = join === undefined ? {} : { join }
    return asking({ payload: who, message: Uint8Array.of(1, what), timeoutMs: 200, ...of })
  })
  for (const who of [1, 2, 3]) start({ who, what: 2, join: 'same' })
  start({ who: 4, what: 2, join: 'other' })
  start({ who: 5, what: 2 })
  for (const who of [6, 7]) start({ who, what: 3, join: 'silent' })
  expect(tasks.waiting).toBe(7)
  await over()
  expect(questions).toBe(4)
  const all = answers.toSorted((a, b) => ((a as number[])[0]! < (b as number[])[0]! ? -1 : 1))
  expect(all).toEqual([...[1, 2, 3, 4, 5].map((who) => [who, '0102']), [6, null], [7, null]])
  // It is over: who asks later asks anew.
  start({ who: 8, what: 2, join: 'same' })
  await over()
  expect(questions).toBe(5)
})

test('where nothing comes in time, or the port is closed, it is run without an answer', async () => {
  const answers: unknown[] = []
  serve(({ answer, exchanges }) => {
    if (exchanges === 0) return asking({ timeoutMs: 50 })
    answers.push(answer)
    return exchanges === 1 ? asking({ port: 1, timeoutMs: 5_000 }) : undefined
  })
  const began = performance.now()
  start()
  await over()
  expect(answers).toEqual([null, null])
  expect(performance.now() - began).toBeLessThan(4_000)
})

test('one caller has so many waiting, and others theirs', async () => {
  const version = serve(({ exchanges }) => (exchanges === 0 ? asking({ timeoutMs: 300 }) : undefined))
  for (let count = 0; count < taskLimits.waitingPerCallerMax + 5; count++) start()
  start(null, { ...source, caller: 'port 4' })
  expect(tasks.waiting).toBe(taskLimits.waitingPerCallerMax + 1)
  expect(version.counts.loadShed).toBe(5)
  await over()
  start()
  expect(tasks.waiting).toBe(1)
})

test('when all have too many waiting, the oldest of who has most goes, and nobody is kept out', async () => {
  says = (message) => [message]
  const silent = createSocket('udp4')
  await new Promise<void>((resolve) => silent.bind(0, '127.0.0.1', resolve))
  const answered: unknown[] = []
  const version = serve(({ payload, answer, exchanges }) => {
    if (exchanges > 0) return void answered.push([payload, answer?.toHex()])
    return payload === 'quiet'
      ? asking({ payload })
      : asking({ port: silent.address().port, timeoutMs: 5_000 })
  })
  const crowd = taskLimits.waitingMax / taskLimits.waitingPerCallerMax
  for (let caller = 0; caller < crowd; caller++)
    for (let count = 0; count < taskLimits.waitingPerCallerMax; count++)
      start(null, { ...source, caller: `loud ${caller}` })
  expect([tasks.waiting, version.counts.loadShed]).toEqual([taskLimits.waitingMax, 0])
  start('quiet', { ...source, caller: 'quiet' })
  expect([tasks.waiting, version.counts.loadShed]).toEqual([taskLimits.waitingMax, 1])
  // What a loud one has lost it does not take from another that has as many.
  start(null, { ...source, caller: 'loud 0' })
  expect([tasks.waiting, version.counts.loadShed]).toEqual([taskLimits.waitingMax, 2])
  const until = performance.now() + 3_000
  while (answered.length === 0 && performance.now() < until) await Bun.sleep(2)
  expect(answered).toEqual([['quiet', '0102']])
  silent.close()
})

test('a task that began with one version ends with it', async () => {
  says = (message) => [message]
  const ran: number[] = []
  const handle =
    (version: number): Handle =>
    ({ exchanges }) => {
      ran.push(version)
      return exchanges === 0 ? asking() : undefined
    }
  serve(handle(1))
  start()
  serve(handle(2), 2)
  await over()
  expect(ran).toEqual([1, 1])
  start()
  await over()
  expect(ran).toEqual([1, 1, 2, 2])
})

test.each<[string, 'exception' | 'invalidEffects' | 'exceededTime', Handle]>([
  [
    'throws',
    'exception',
    () => {
      throw new Error('x')
    },
  ],
  [
    'never returns',
    'exceededTime',
    () => {
      for (;;);
    },
  ],
  ['asks twice at once', 'invalidEffects', () => [asking(), asking()]],
  ['asks for ever', 'invalidEffects', () => asking({ timeoutMs: 1 })],
  ['sends by no way that we know', 'invalidEffects', () => asking({ transport: 'sctp' as 'udp' })],
  ['sends what is no bytes', 'invalidEffects', () => asking({ message: [1] as unknown as Uint8Array })],
  ['sends too much', 'invalidEffects', () => asking({ message: new Uint8Array(70_000) })],
  ['sends to no address', 'invalidEffects', () => asking({ address: 1.5 })],
  ['sends to no port', 'invalidEffects', () => asking({ port: 0 })],
  ['waits too long', 'invalidEffects', () => asking({ timeoutMs: 60_000 })],
  ['remembers for ever', 'invalidEffects', () => remember('k', new Uint8Array(1), Number.POSITIVE_INFINITY)],
  [
    'remembers under a name without end',
    'invalidEffects',
    () => remember('k'.repeat(5_000), new Uint8Array(1), 1),
  ],
])('a task that %s costs itself', async (_, outcome, handle) => {
  const version = serve(handle)
  expect(start()).toBe(true)
  await over()
  expect(version.counts[outcome]).toBe(1)
  expect(sent).toEqual([])
})

test('a task cannot call tasks', async () => {
  const version = serve(() => call('t'))
  start()
  expect(version.counts).toMatchObject({ ok: 1, noFunction: 1 })
})

test('nothing is left when it is closed', async () => {
  let runs = 0
  serve(() => {
    runs++
    return asking({ timeoutMs: 50 })
  })
  start()
  tasks.close()
  await Bun.sleep(150)
  expect(runs).toBe(1)
})

test('a packet function calls by port, and remembers; who calls nobody is told so', () => {
  const calls: unknown[] = []
  const host = createTestHost(undefined, {
    call: (name, payload, from) => calls.push([name, payload, from]) > 0 && name === 'known',
  })
  const recalled: unknown[] = []
  const version = host.serve(
    packetFunction((_, env) => {
      recalled.push(env.remembered('k')?.bytes)
      return [call('known', { a: 1 }), remember('k', Uint8Array.of(7), 1_000), call('unknown'), drop('asked')]
    }),
  )
  const device = new FakeSwitch()
  host.dispatcher.attach(device)
  device.receive(packetInMessage({ inPort: 12 }))
  device.receive(packetInMessage({ inPort: 13 }))
  const from = (inPort: number) => ({ dpid: device.dpid, caller: `${device.dpid} ${inPort}` })
  expect(calls).toEqual(
    [12, 13].flatMap((inPort) => [
      ['known', '{"a":1}', from(inPort)],
      ['unknown', 'null', from(inPort)],
    ]),
  )
  expect(version.counts.noFunction).toBe(2)
  expect(recalled).toEqual([undefined, Uint8Array.of(7)])
  host.close()
})

test('over TCP an answer may come in pieces, and comes as one', async () => {
  const asked: string[] = []
  const listener = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', async (bytes) => {
      asked.push(bytes.toString('hex'))
      for (const part of ['00', '04', '0102', '03']) {
        socket.write(Buffer.from(part, 'hex'))
        await Bun.sleep(5)
      }
      socket.write(Buffer.from('04ff', 'hex'))
    })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const tcp = { transport: 'tcp', port: (listener.address() as AddressInfo).port } as const
  const answers: unknown[] = []
  serve(({ answer, exchanges }) => {
    if (exchanges > 0) answers.push(answer?.toHex() ?? null)
    // Then one that does not begin as it must, then where nobody listens.
    if (exchanges === 0) return asking(tcp)
    if (exchanges === 1) return asking({ ...tcp, expect: Uint8Array.of(9) })
    return exchanges === 2 ? asking({ ...tcp, port: 1 }) : undefined
  })
  start()
  await over()
  expect(asked).toEqual(['00020102', '00020102'])
  expect(answers).toEqual(['01020304', null, null])
  listener.close()
})

test('an answer over TCP that is too long, or never whole, is none', async () => {
  let says = '8000'
  const listener = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.write(Buffer.from(says, 'hex')))
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port: at } = listener.address() as AddressInfo
  const answers: unknown[] = []
  serve(({ answer, exchanges }) => {
    if (exchanges > 0) answers.push(answer)
    if (exchanges === 1) says = '000401'
    return exchanges < 2 ? asking({ transport: 'tcp', port: at, timeoutMs: 100 }) : undefined
  })
  start()
  await over()
  expect(answers).toEqual([null, null])
  listener.close()
})
