import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { openTestStore, type TestStore } from '../../db/testing.ts'
import { decode } from '../openflow/index.ts'
import {
  continuePacket,
  discard,
  forward,
  hold,
  holdFor,
  type PacketEnvironment,
  type PacketIn,
  release,
  runAgain,
  sendThrough,
} from '../openvnet.ts'
import { eventLimits, packetLimits } from './limits.ts'
import { createTestHost, FakeSwitch, packetFunction, packetInMessage, type TestHost } from './testing.ts'

let database: TestStore
let host: TestHost
let bridge: FakeSwitch
beforeAll(async () => {
  database = await openTestStore()
  database.store.onChanges((changes) => void host.state.apply(changes))
})
afterAll(() => database.dispose())
beforeEach(async () => {
  host = createTestHost((job) => database.store.commit(job))
  host.state.load(await database.store.snapshot())
  bridge = new FakeSwitch()
  host.dispatcher.attach(bridge)
})
afterEach(() => host.close())

const until = async (condition: () => boolean) => {
  for (const end = Date.now() + 4_000; Date.now() < end && !condition(); ) await Bun.sleep(1)
  expect(condition()).toBe(true)
}
const numbered = (number: number) => {
  const frame = new Uint8Array(60)
  new DataView(frame.buffer).setUint32(0, number)
  return packetInMessage({ frame })
}

describe('packet functions that write', () => {
  test('are answered when it is durable', async () => {
    let before = -1
    host.serve(
      packetFunction((_, env) => {
        before = env.state.tunnelKeys.size
        env.draft().tunnelKeys.insert({ kind: 'network' })
        return forward(4)
      }),
    )
    bridge.receive(packetInMessage({ inPort: 6, bufferId: 12 }))
    expect(bridge.sent.length).toBe(0)
    await until(() => bridge.sent.length === 1)
    expect(host.state.tunnelKeys.size).toBe(before + 1)
    expect(bridge.sent[0]).toMatchObject({ port: 4, inPort: 6, bufferId: 12 })
  })

  test('that read what others change run again on the newer state', async () => {
    const seen: number[][] = []
    const version = host.serve(
      packetFunction((packet, env) => {
        const draft = env.draft()
        const size = [...draft.tunnelKeys.all()].length
        seen[packet.u32(0)] = [...(seen[packet.u32(0)] ?? []), size]
        draft.tunnelKeys.insert({ kind: 'segment' })
        return forward(1)
      }),
    )
    const before = host.state.tunnelKeys.size
    bridge.receive(numbered(0), numbered(1), numbered(2))
    await until(() => version.counts.ok === 3)
    expect(host.state.tunnelKeys.size).toBe(before + 3)
    expect(bridge.sent.length).toBe(3)
    expect(seen.map((sizes) => sizes.at(-1)).sort()).toEqual([before, before + 1, before + 2])
  })

  test('that all want the same get through one by one, however many they are', async () => {
    const version = host.serve(
      packetFunction((_, env) => {
        const draft = env.draft()
        if ([...draft.tunnelKeys.all()].length >= 0) draft.tunnelKeys.insert({ kind: 'segment' })
        return forward(1)
      }),
    )
    const crowd = 100
    const before = host.state.tunnelKeys.size
    bridge.receive(...Array.from({ length: crowd }, () => packetInMessage()))
    await until(() => bridge.sent.length === crowd)
    expect([version.counts.ok, version.counts.loadShed]).toEqual([crowd, 0])
    expect(host.state.tunnelKeys.size).toBe(before + crowd)
  })

  test('finish on the version that they began with', async () => {
    const by: number[] = []
    const write = (version: number) => (packet: PacketIn, env: PacketEnvironment) => {
      const draft = env.draft()
      if ([...draft.tunnelKeys.all()].length >= 0) draft.tunnelKeys.insert({ kind: 'network' })
      if (packet.u32(0) === 1) by.push(version)
      return forward(version)
    }
    host.serve(packetFunction(write(1)), 1)
    bridge.receive(numbered(0), numbered(1))
    host.serve(packetFunction(write(2)), 2)
    await until(() => bridge.sent.length === 2)
    expect(bridge.sent.map(({ port }) => port)).toEqual([1, 1])
    expect(new Set(by)).toEqual(new Set([1]))
  })

  test('that the schema refuses are a failure of theirs, and send nothing', async () => {
    const version = host.serve(
      packetFunction((_, env) => {
        env.draft().networks.insert({
          uuid: 'nw-x',
          ipv4_network: 1,
          ipv4_prefix: 24,
          domain_name: '',
          display_name: '',
          tunnel_key_id: 999_999,
          mode: null,
          segment_id: null,
          encapsulation: null,
        })
        return forward(1)
      }),
    )
    bridge.receive(packetInMessage())
    await until(() => version.counts.invalidEffects + version.counts.exception === 1)
    expect(bridge.sent.length).toBe(0)
  })

  test('too many writes are refused, and more commits than may be pending are shed', async () => {
    const version = host.serve(
      packetFunction((packet, env) => {
        const count = packet.u8(0) === 1 ? eventLimits.packetWritesMax + 1 : 1
        for (let at = 0; at < count; at++) env.draft().tunnelKeys.insert({ kind: 'network' })
      }),
    )
    bridge.receive(packetInMessage({ frame: new Uint8Array(60).fill(1) }))
    expect(version.counts.invalidEffects).toBe(1)
    bridge.receive(...Array.from({ length: packetLimits.commitsPendingMax + 10 }, () => packetInMessage()))
    await until(() => version.counts.ok + version.counts.loadShed === packetLimits.commitsPendingMax + 10)
    expect(version.counts.loadShed).toBeGreaterThan(0)
  })

  test('what a function logs leaves with its name, whatever it tried to log', () => {
    host.serve(
      packetFunction((_, env) => {
        env.log.warn('seen', { port: 3, odd: { a: 1 } as unknown as string })
        for (let at = 0; at < 100; at++) env.log.debug('more')
      }),
    )
    bridge.receive(packetInMessage())
    expect(host.logged[0]).toMatchObject({
      message: 'seen',
      port: 3,
      odd: '[object Object]',
      function: 'test/packet@1',
    })
    expect(host.logged.length).toBe(eventLimits.logLinesMax)
  })

  test('chance comes from the seed: another for each event, from 0 up to 1', () => {
    const numbers: number[] = []
    host.serve(packetFunction((_, env) => void numbers.push(env.random(), env.random())))
    bridge.receive(...Array.from({ length: 50 }, () => packetInMessage()))
    expect(new Set(numbers).size).toBe(100)
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...numbers)).toBeLessThan(1)
  })
})

describe('packets that wait', () => {
  const holding = (packet: PacketIn) =>
    packet.u8(0) === 0 ? hold('k', 500) : packet.u8(0) === 1 ? release('k', 9) : discard('k')
  const first = (byte: number) => packetInMessage({ inPort: 40 + byte, frame: new Uint8Array(60).fill(byte) })

  test('go out together when they are released', () => {
    host.serve(packetFunction(holding))
    bridge.receive(first(0), first(0))
    expect(bridge.sent.length).toBe(0)
    bridge.receive(first(1))
    expect(bridge.sent.map(({ port, inPort, frame }) => [port, inPort, frame[0]])).toEqual([
      [9, 40, 0],
      [9, 40, 0],
    ])
    bridge.receive(first(1))
    expect(bridge.sent.length).toBe(2)
  })

  test('are dropped when they are discarded, or when their time is over', async () => {
    const version = host.serve(packetFunction(holding))
    bridge.receive(first(0), first(2), first(1))
    expect(version.drops.get('discarded')).toBe(1)
    bridge.receive(first(0))
    await Bun.sleep(800)
    bridge.receive(first(1))
    expect(bridge.sent.length).toBe(0)
    expect(host.dispatcher.counts.loadShed).toBe(1)
  })

  test('are no more than there is room for', () => {
    const version = host.serve(packetFunction(holding))
    const { heldPacketsMax, heldPacketsPerPortMax } = packetLimits
    const from = (inPort: number, count: number) =>
      Array.from({ length: count }, () => packetInMessage({ inPort, frame: new Uint8Array(60) }))
    bridge.receive(...from(1, heldPacketsPerPortMax + 5))
    expect(version.counts.loadShed).toBe(5)
    for (let port = 2; port * heldPacketsPerPortMax <= heldPacketsMax; port++)
      bridge.receive(...from(port, heldPacketsPerPortMax))
    expect(version.counts.loadShed).toBe(5)
    bridge.receive(...from(99, 7))
    expect(version.counts.loadShed).toBe(12)
    bridge.receive(first(1))
    expect(bridge.sent.length).toBe(heldPacketsMax)
    bridge.receive(...from(1, heldPacketsPerPortMax))
    expect(version.counts.loadShed).toBe(12)
  })

  test('come to their function once more, when their time is over or when it is told so', async () => {
    let runs = 0
    host.serve(
      packetFunction((packet) => {
        if (packet.u8(0) === 1) return runAgain('k')
        return ++runs % 3 === 0 ? forward(9) : holdFor('k', 200)
      }),
    )
    bridge.receive(first(0))
    bridge.receive(first(1))
    await Bun.sleep(20)
    expect([runs, bridge.sent.length]).toEqual([2, 0])
    await Bun.sleep(500)
    expect([runs, bridge.sent.map(({ port, inPort }) => [port, inPort])]).toEqual([3, [[9, 40]]])
    await Bun.sleep(300)
    expect(runs).toBe(3)
    expect(host.dispatcher.counts.loadShed).toBe(0)
  })
})

describe('packets that go on', () => {
  const decoded = (actions: Uint8Array) => {
    const message = new Uint8Array(24 + actions.length)
    new DataView(message.buffer).setUint32(0, 0x040d_0000 | message.length)
    new DataView(message.buffer).setUint32(8, 0xffff_ffff)
    new DataView(message.buffer).setUint16(16, actions.length)
    message.set(actions, 24)
    return decode(message)
  }

  test('at a table', () => {
    host.serve(packetFunction(() => continuePacket(30)))
    bridge.receive(packetInMessage())
    expect(decoded(bridge.sent[0]!.actions)).toMatchObject({
      ok: true,
      value: { actions: [{ type: 'NXAST_RESUBMIT_TABLE', table: 30 }] },
    })
  })

  test('through actions', () => {
    const actions = [
      { type: 'OFPAT_SET_FIELD', field: { field: 'eth_src', value: '02:00:00:00:00:01' } },
      { type: 'OFPAT_OUTPUT', port: 3, max_len: 0 },
    ]
    host.serve(packetFunction(() => sendThrough(actions)))
    bridge.receive(packetInMessage())
    expect(decoded(bridge.sent[0]!.actions)).toMatchObject({ ok: true, value: { actions } })
  })
})
