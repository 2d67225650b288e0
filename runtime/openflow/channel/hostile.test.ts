import { describe, expect, test } from 'bun:test'
import { eventually } from '../../../tests/support/open-vswitch.ts'
import { xidAt } from './header.ts'
import { FakeSwitch, message } from './testing.ts'
import { startChannel } from './testing-channel.ts'
import { useSessions } from './testing-session.ts'

const { later, serve } = useSessions()

describe('a hostile switch', () => {
  test('that does not read is paused, then cut; what waits stays limited', async () => {
    const limits = { outputPauseBytes: 100_000, outputMaxBytes: 300_000, stallTimeoutMs: 300 }
    const { session, fake, left, joined, at } = await serve({}, limits)
    session.onPacketIn((bytes, offset, end) => void session.packetOut(bytes, offset, end))
    fake.pause()
    const flood = new Uint8Array(
      Buffer.concat(Array.from({ length: 500 }, () => message(10, 0, new Uint8Array(1_000)))),
    )
    const sending = setInterval(() => fake.send(flood), 1)
    later(() => clearInterval(sending))
    let most = 0
    const watching = setInterval(() => (most = Math.max(most, session.outputBytes.length)), 1)
    later(() => clearInterval(watching))
    await eventually('it to be cut', () => left.length === 1, 20_000)
    expect(left[0]!.problem.what).toBe('the peer does not read')
    expect(session.statistics.pauses).toBeGreaterThan(0)
    // The flood was hundreds of megabytes; the kernel takes some for the peer before it stops.
    expect(session.statistics.receivedBytes).toBeLessThan(20_000_000)
    expect(most).toBeLessThanOrEqual(2 * limits.outputMaxBytes)
    await FakeSwitch.connect(at, { datapathId: 2n })
    await eventually('the next', () => joined.length === 2)
  }, 30_000)

  test('that reads slowly loses nothing and is not cut', async () => {
    const limits = { outputPauseBytes: 50_000, stallTimeoutMs: 2_000 }
    const { session, fake } = await serve({}, limits)
    session.onPacketIn((bytes, offset, end) => void session.packetOut(bytes, offset, end))
    fake.pause()
    const count = 8_000
    for (let index = 0; index < count; index++) fake.send(message(10, index, new Uint8Array(1_000)))
    await eventually('reading to pause', () => session.statistics.pauses > 0)
    await Bun.sleep(300)
    fake.resume()
    await eventually('everything', () => fake.receivedOf(10).length === count, 10_000)
    expect(fake.receivedOf(10).every((bytes, index) => xidAt(bytes, 0) === index)).toBe(true)
  }, 20_000)

  test('that floods with echo and does not read, without being served, costs little', async () => {
    const { at, unwanted, channel } = await startChannel(later, {
      limits: { stallTimeoutMs: 300 },
    })
    unwanted.add('0x0000000000000001')
    const fake = await FakeSwitch.connect(at)
    await eventually('the connection', () => channel.connections().some(({ state }) => state === 'idle'))
    fake.pause()
    const flood = new Uint8Array(
      Buffer.concat(Array.from({ length: 10 }, () => message(2, 0, new Uint8Array(60_000)))),
    )
    const sending = setInterval(() => fake.send(flood), 1)
    later(() => clearInterval(sending))
    await eventually('it to be cut', () => channel.connections().length === 0)
  }, 20_000)

  test('whose messages are garbage costs nobody else anything', async () => {
    const { session, fake, at, next } = await serve()
    const other = await FakeSwitch.connect(at, { datapathId: 2n })
    const healthy = await next()
    let state = 12_345
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    for (let count = 0; count < 3_000 && !fake.closed; count++) {
      const body = Array.from({ length: random(80) }, () => random(256))
      fake.send(message(random(32), random(40), body))
    }
    await eventually(
      'its end, or its answer',
      () => fake.closed || session.statistics.receivedMessages > 3_000,
    )
    expect(session.statistics.malformedMessages).toBeGreaterThan(0)
    expect((await healthy.barrier()).ok).toBe(true)
    expect(other.closed).toBe(false)
  })

  test('that invents ports without end is kept small', async () => {
    const { session, fake } = await serve({}, { portsMax: 100 })
    const port = (number: number) =>
      message(12, 0, [0, ...new Uint8Array(7), 0, 0, number >> 8, number, ...new Uint8Array(60)])
    for (let number = 1; number <= 1_000; number++) fake.send(port(number))
    await eventually('the last', () => session.statistics.receivedMessages >= 1_000)
    expect(session.ports.size).toBe(100)
  })

  test('that speaks another version after the handshake is told, and served on', async () => {
    const { session, fake } = await serve()
    fake.send(message(10, 9, new Uint8Array(40), 1))
    await eventually('the error', () => fake.receivedOf(1).length === 1)
    expect([...fake.receivedOf(1)[0]!.slice(0, 16)]).toEqual([
      4, 1, 0, 60, 0, 0, 0, 9, 0, 1, 0, 0, 1, 10, 0, 48,
    ])
    fake.send(message(1, 9, [0, 1, 0, 0], 1))
    expect((await session.barrier()).ok).toBe(true)
    expect(fake.receivedOf(1).length).toBe(1)
  })
})
