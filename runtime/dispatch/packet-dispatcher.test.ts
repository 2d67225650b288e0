import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { alarm, drop, type Effect, forward, type HandlerResult, noBuffer, reply, send } from '../openvnet.ts'
import { eventLimits, packetLimits } from './limits.ts'
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

describe('functions that fail cost their event, and nothing else', () => {
  /** Runs events 0, 1 and 2, of which 1 misbehaves; answers the version. */
  async function misbehave(act: () => unknown) {
    const version = host.serve(
      packetFunction((packet) => (packet.u8(0) === 1 ? (act() as HandlerResult) : forward(9))),
    )
    bridge.receive(...[0, 1, 2].map((at) => packetInMessage({ frame: frame(at) })))
    while (bridge.sent.length < 2) await Bun.sleep(1)
    expect(bridge.sent.map(({ frame }) => frame[0])).toEqual([0, 2])
    expect(version.counts.ok).toBe(2)
    return version
  }

  test('a throw', async () => {
    const version = await misbehave(() => {
      throw new Error('by intent')
    })
    expect(version.counts.exception).toBe(1)
    expect(host.logged[0]).toMatchObject({
      function: 'test/packet@1',
      outcome: 'exception',
      error: 'by intent',
    })
    expect(host.logged[0]!['stack']).toContain('packet-dispatcher.test.ts')
  })

  test('an endless loop', async () => {
    const version = await misbehave(() => {
      for (;;);
    })
    expect(version.counts.exceededTime).toBe(1)
  })

  test('an endless loop inside what the host reads: a getter of an effect', async () => {
    const version = await misbehave(() => ({
      get type() {
        for (;;);
      },
    }))
    expect(version.counts.exceededTime).toBe(1)
  })

  test('a loop after some of its effects were read', async () => {
    await misbehave(() => {
      const trap = {
        get type() {
          for (;;);
        },
      }
      return [forward(1), forward(2), trap]
    })
  })

  test.each<[string, () => unknown]>([
    ['a number', () => 5],
    ['an effect of no known type', () => ({ type: 'format-disk' })],
    ['port 0', () => forward(0)],
    ['port 1.5', () => forward(1.5)],
    ['a port of an unknown name', () => forward('toString' as 'OFPP_FLOOD')],
    ['a frame that is no bytes', () => send([1, 2] as unknown as Uint8Array, 1)],
    ['a frame longer than any message', () => send(new Uint8Array(70_000), 1)],
    [
      'more effects than one event may have',
      () => Array.from({ length: eventLimits.effectsMax + 1 }, () => drop('x')),
    ],
    ['more packet-outs', () => Array.from({ length: eventLimits.packetOutsMax + 1 }, () => forward(1))],
    ['more bytes', () => Array.from({ length: 8 }, () => send(new Uint8Array(60_000), 1))],
    ['a promise', async () => forward(1)],
    ['actions that are none', () => ({ ...forward(1), actions: [{ type: 'OFPAT_SELF_DESTRUCT' }] })],
    ['a hold for ever', () => ({ type: 'hold', key: 'k', timeoutMs: Number.POSITIVE_INFINITY })],
  ])('nonsense: %s', async (_, act) => {
    expect((await misbehave(act)).counts.invalidEffects).toBe(1)
  })

  test.each<[string, () => unknown]>([
    ['a fake typed array', () => send(Object.create(Uint8Array.prototype), 1)],
    [
      'an error that throws when it is shown',
      () => {
        throw Object.defineProperty(new Error('x'), 'message', {
          get() {
            throw new Error('again')
          },
        })
      },
    ],
    [
      'a thrown null',
      () => {
        throw null
      },
    ],
    [
      'a revoked proxy',
      () => {
        const { proxy, revoke } = Proxy.revocable({}, {})
        revoke()
        return proxy
      },
    ],
    [
      'endless recursion',
      function act(): unknown {
        return act() ?? 1
      },
    ],
  ])('hostile: %s', async (_, act) => {
    const { exception, invalidEffects } = (await misbehave(act)).counts
    expect(exception + invalidEffects).toBe(1)
  })

  test('what it changes of its packet view is nothing', () => {
    host.serve(
      packetFunction((packet) => {
        expect(() => Object.assign(packet, { inPort: 99 })).toThrow(TypeError)
        expect(() => Object.assign(Object.getPrototypeOf(packet), { open: () => false })).toThrow(TypeError)
        return forward(1)
      }),
    )
    bridge.receive(packetInMessage(), packetInMessage())
    expect(bridge.sent.map(({ inPort }) => inPort)).toEqual([3, 3])
  })

  test('many failures are one line at once and a summary', async () => {
    host.serve(
      packetFunction(() => {
        throw new Error('always')
      }),
    )
    bridge.receive(...Array.from({ length: 10 }, () => packetInMessage()))
    expect(host.logged.filter(({ message }) => message === 'function failed').length).toBe(1)
    await Bun.sleep(1_200)
    expect(host.logged).toContainEqual(
      expect.objectContaining({ message: 'function failed again', times: 9 }),
    )
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
