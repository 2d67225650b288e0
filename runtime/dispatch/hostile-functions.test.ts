import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { drop, exchange, forward, type HandlerResult, type PacketEnvironment, send } from '../openvnet.ts'
import { eventLimits } from './limits.ts'
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

describe('functions that fail cost their event, and nothing else', () => {
  /** Runs events 0, 1 and 2, of which 1 misbehaves; answers the version. */
  async function misbehave(act: (env: PacketEnvironment) => unknown) {
    const version = host.serve(
      packetFunction((packet, env) => (packet.u8(0) === 1 ? (act(env) as HandlerResult) : forward(9))),
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
    expect(host.logged[0]!['stack']).toContain('hostile-functions.test.ts')
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

  test('what only tasks can wait for', async () => {
    const nowhere = { transport: 'udp', address: 0x7f00_0001, port: 9, timeoutMs: 100 } as const
    const bytes = new Uint8Array(2)
    const version = await misbehave(() =>
      exchange({ ...nowhere, message: bytes, expect: bytes, payload: null }),
    )
    expect(version.counts.invalidEffects).toBe(1)
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
      'an error that throws when its class is asked for',
      () => {
        throw new Proxy(new Error('x'), {
          getPrototypeOf() {
            throw new Error('again')
          },
        })
      },
    ],
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

  test.each<[string, unknown]>([
    ['a big integer', 1n],
    [
      'an object that loops when it is made JSON',
      {
        toJSON() {
          for (;;);
        },
      },
    ],
    [
      'an object that loops when it is made text',
      {
        toString() {
          for (;;);
        },
      },
    ],
  ])('what no column holds, written: %s', async (_, value) => {
    const version = await misbehave((env) => void env.draft().tunnelKeys.insert({ kind: value as 'network' }))
    expect(version.counts.exception).toBe(1)
    expect(host.logged[0]).toMatchObject({ outcome: 'exception', function: 'test/packet@1' })
    expect(host.logged[0]!['error']).toStartWith('tunnelKeys.insert: kind is to be text')
  })

  test('a commit that breaks costs what it was to make durable, and is said', async () => {
    const version = host.serve(
      packetFunction((_, env) => void env.draft().tunnelKeys.insert({ kind: 'network' })),
    )
    bridge.receive(packetInMessage(), packetInMessage())
    await Bun.sleep(5)
    expect(host.dispatcher.counts.exception).toBe(2)
    expect(version.counts.ok).toBe(0)
    expect(host.logged.map(({ level, message }) => `${level}: ${message}`)).toEqual([
      'error: packets were lost by a fault of the dispatcher',
      'error: packets were lost by a fault of the dispatcher',
    ])
  })

  test('what it changes of its packet view is nothing', () => {
    host.serve(
      packetFunction((packet) => {
        expect(() => Object.assign(packet, { inPort: 99 })).toThrow(TypeError)
        expect(() => Object.assign(Object.getPrototypeOf(packet), { frame: () => false })).toThrow(TypeError)
        packet.frame().fill(0xff)
        return forward(1)
      }),
    )
    bridge.receive(packetInMessage({ frame: frame(1) }), packetInMessage({ frame: frame(2) }))
    expect(bridge.sent.map(({ inPort, frame }) => [inPort, frame[0]])).toEqual([
      [3, 1],
      [3, 2],
    ])
  })

  test('nothing that it finds on its packet view leads to the packets behind it', () => {
    const found = new Map<string, unknown>()
    host.serve(
      packetFunction((packet) => {
        for (let of: object = packet; of !== Object.prototype; of = Object.getPrototypeOf(of))
          for (const name of Reflect.ownKeys(of)) found.set(String(name), Reflect.get(of, name, packet))
        return forward(1)
      }),
    )
    bridge.receive(packetInMessage(), packetInMessage())
    expect(bridge.sent.length).toBe(2)
    const methods = [...found].filter(([, value]) => typeof value === 'function').map(([name]) => name)
    expect(methods.sort()).toEqual([
      'connection',
      'constructor',
      'frame',
      'register',
      'u16',
      'u32',
      'u48',
      'u8',
    ])
    expect(Reflect.ownKeys(found.get('constructor') as object).sort()).toEqual([
      'length',
      'name',
      'prototype',
    ])
    expect([...found.values()].filter((value) => typeof value === 'object')).toEqual([])
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
