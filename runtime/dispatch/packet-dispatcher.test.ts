import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { alarm, drop, type Effect, forward, noBuffer, reply, send } from '../openvnet.ts'
import { failureLimits, packetLimits } from './limits.ts'
import { createTestHost, FakeSwitch, packetFunction, packetInMessage, type TestHost } from './testing.ts'

let host: TestHost
let bridge: FakeSwitch
beforeEach(() => {
  host = createTestHost()
  bridge = new FakeSwitch()
  host.dispatcher.attach(bridge)
})
afterEach(() => host.close())

const frame = (...bytes: number[]) => Uint8Array.from({ length: 60 }, (_, at) => bytes[at] ?? 0)

describe('packet-outs', () => {
  test('the punted frame goes back whole where the switch has not kept it', () => {
    host.serve(packetFunction(() => forward(7)))
    bridge.receive(packetInMessage({ inPort: 3, frame: frame(1, 2, 3) }))
    expect(bridge.sent).toEqual([
      expect.objectContaining({ bufferId: noBuffer, inPort: 3, port: 7, frame: frame(1, 2, 3) }),
    ])
  })

  test('by buffer id where it has', () => {
    host.serve(packetFunction(() => forward('OFPP_FLOOD')))
    bridge.receive(packetInMessage({ bufferId: 42 }))
    expect(bridge.sent[0]).toMatchObject({ bufferId: 42, port: 0xffff_fffb })
    expect(bridge.sent[0]!.frame.length).toBe(0)
  })

  test('all of one socket event leave in one write, in order', () => {
    host.serve(packetFunction((packet) => forward(packet.u8(0) + 1)))
    bridge.receive(...Array.from({ length: 100 }, (_, at) => packetInMessage({ frame: frame(at) })))
    expect(bridge.sent.map(({ port }) => port)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1))
    expect(bridge.writes).toBe(1)
  })

  test('a frame of the function, and several effects', () => {
    host.serve(packetFunction(() => [reply(frame(9)), send(frame(8), 5), alarm('seen', 'a packet')]))
    bridge.receive(packetInMessage())
    expect(bridge.sent.map(({ port, frame }) => [port, frame[0]])).toEqual([
      [0xffff_fff8, 9],
      [5, 8],
    ])
    expect(host.logged).toContainEqual(
      expect.objectContaining({ message: 'a packet', alarm: 'seen', function: 'test/packet@1' }),
    )
  })

  test('alarms are lines of a log, and no more of them than it bears', async () => {
    const { logLinesPerSecondMax } = failureLimits
    const version = host.serve(packetFunction(() => alarm('declined', 'a guest says so')))
    bridge.receive(...Array.from({ length: logLinesPerSecondMax * 3 }, () => packetInMessage()))
    while (version.counts.ok < logLinesPerSecondMax * 3) await Bun.sleep(1)
    const alarms = host.logged.filter((line) => line['alarm'] === 'declined')
    expect(alarms.length).toBeGreaterThan(0)
    // It may take from one second into the next.
    expect(alarms.length).toBeLessThanOrEqual(logLinesPerSecondMax * 2)
  })

  test('what a switch does not take is named for what keeps it', () => {
    host.serve(packetFunction(() => forward(1)))
    bridge.slow = true
    bridge.receive(packetInMessage(), packetInMessage())
    expect([host.dispatcher.counts.loadShed, host.dispatcher.counts.switchGone]).toEqual([2, 0])
    bridge.connected = false
    bridge.receive(packetInMessage())
    expect([host.dispatcher.counts.loadShed, host.dispatcher.counts.switchGone]).toEqual([2, 1])
  })

  test('drops are counted by reason', () => {
    const version = host.serve(packetFunction(() => drop('no-lease')))
    bridge.receive(packetInMessage(), packetInMessage())
    expect(version.drops).toEqual(new Map([['no-lease', 2]]))
    expect(version.counts.ok).toBe(2)
  })

  test('the cookie names the function and the object', () => {
    const seen: number[] = []
    host.serve(packetFunction((packet) => void seen.push(packet.objectId)))
    bridge.receive(packetInMessage({ objectId: 0xffff_ffff_ffff }), packetInMessage({ code: 2, objectId: 5 }))
    expect(seen).toEqual([0xffff_ffff_ffff])
    expect(host.dispatcher.counts.noFunction).toBe(1)
  })
})

describe('a version that keeps failing', () => {
  test('gives way to the last good one', () => {
    const good = host.serve(
      packetFunction(() => forward(1)),
      1,
    )
    bridge.receive(packetInMessage())
    host.serve(
      packetFunction(() => {
        throw new Error('bad deploy')
      }),
      2,
    )
    for (let at = 0; at < 30; at++) bridge.receive(packetInMessage())
    expect(host.registry.puntTable.get(1)!.current).toBe(good)
    expect(good.counts.ok).toBe(11)
    expect(host.logged).toContainEqual(
      expect.objectContaining({
        message: 'function set aside',
        function: 'test/packet@2',
        instead: 'test/packet@1',
      }),
    )
  })

  test('serves nothing for a while where there is no other, so that a loop cannot keep the thread', async () => {
    let looping = true
    const version = host.serve(
      packetFunction(() => {
        while (looping);
        return forward(1)
      }),
    )
    bridge.receive(...Array.from({ length: 50 }, () => packetInMessage()))
    while (host.dispatcher.counts.noFunction < 47) await Bun.sleep(1)
    expect(version.counts.exceededTime).toBe(3)
    looping = false
    await Bun.sleep(1_200)
    bridge.receive(packetInMessage())
    expect(bridge.sent.length).toBe(1)
  })
})

describe('a crowd', () => {
  /** Long enough that a turn's time is over after a few. */
  const slow =
    (ms: number): (() => Effect) =>
    () => {
      const end = performance.now() + ms
      while (performance.now() < end);
      return forward(1)
    }

  test('one port that floods does not keep another from being served', async () => {
    const order: number[] = []
    const work = slow(1)
    host.serve(
      packetFunction((packet) => {
        order.push(packet.inPort)
        return work()
      }),
    )
    const flood = Array.from({ length: 300 }, () => packetInMessage({ inPort: 1 }))
    bridge.receive(...flood)
    bridge.receive(packetInMessage({ inPort: 2 }))
    while (order.length < 301) await Bun.sleep(5)
    expect(order.indexOf(2)).toBeLessThan(150)
    while (bridge.sent.length < 301) await Bun.sleep(5)
  })

  test('what is too much is shed from the port that has most, and counted', async () => {
    const version = host.serve(packetFunction(slow(6)))
    bridge.receive(...Array.from({ length: 4 }, () => packetInMessage({ inPort: 1 })))
    bridge.receive(
      ...Array.from({ length: packetLimits.backlogMax + 100 }, () => packetInMessage({ inPort: 1 })),
    )
    bridge.receive(packetInMessage({ inPort: 2, bufferId: 77 }))
    host.serve(
      packetFunction(() => forward(1)),
      2,
    )
    while (!bridge.sent.some(({ bufferId }) => bufferId === 77)) await Bun.sleep(5)
    expect(version.counts.loadShed).toBeGreaterThan(90)
    expect(version.counts.loadShed).toBeLessThan(120)
  })

  test("what one connection left behind is never another one's", () => {
    const dpids: string[] = []
    host.serve(
      packetFunction((packet) => {
        dpids.push(packet.dpid)
        return forward(1)
      }),
    )
    const cut = new FakeSwitch('0x0000000000000002')
    host.dispatcher.attach(cut)
    cut.receiveWithoutEnd(packetInMessage())
    bridge.receive(packetInMessage())
    expect(dpids).toEqual([bridge.dpid])
    expect([bridge.sent.length, cut.sent.length]).toEqual([1, 0])
    expect(host.dispatcher.counts.switchGone).toBe(1)
  })

  test('what waits goes with its switch, and is counted', () => {
    const version = host.serve(packetFunction(slow(6)))
    const gone = new FakeSwitch('0x0000000000000002')
    const detach = host.dispatcher.attach(gone)
    gone.receive(...Array.from({ length: 10 }, () => packetInMessage()))
    const { ok } = version.counts
    detach()
    expect(ok + version.counts.switchGone).toBe(10)
    gone.receive(packetInMessage())
    expect([version.counts.ok, host.dispatcher.counts.switchGone]).toEqual([ok, 1])
    expect(version.counts.switchGone).toBeGreaterThan(0)
  })
})

test('a swap between two events: none lost, none on two versions, never back', async () => {
  const versions = new Map<number, number>()
  let onTwoVersions = 0
  const make = (version: number) =>
    packetFunction((packet) => {
      const token = packet.u32(0)
      if ((versions.get(token) ?? version) !== version) onTwoVersions++
      versions.set(token, version)
      return forward(1)
    })
  let token = 0
  for (let version = 1; version <= 100; version++) {
    host.serve(make(version), version)
    const messages = Array.from({ length: 300 }, () => {
      const bytes = new Uint8Array(60)
      new DataView(bytes.buffer).setUint32(0, token++)
      return packetInMessage({ frame: bytes })
    })
    bridge.receive(...messages)
    await new Promise(setImmediate)
  }
  while (bridge.sent.length < token) await Bun.sleep(1)
  const order = bridge.sent.map(({ frame }) => versions.get(new DataView(frame.buffer).getUint32(0))!)
  expect(order).toEqual([...order].sort((a, b) => a - b))
  expect(bridge.sent.length).toBe(30_000)
  expect(versions.size).toBe(30_000)
  expect(onTwoVersions).toBe(0)
})
