import { afterEach, describe, expect, test } from 'bun:test'
import { eventually } from '../../../tests/support/open-vswitch.ts'
import type { Message } from '../index.ts'
import { typeAt, u16At, u32At, xidAt } from './header.ts'
import type { ChannelLimits } from './limits.ts'
import { FakeSwitch, type FakeSwitchOptions, message } from './testing.ts'
import { startChannel } from './testing-channel.ts'

const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step()
})

async function serve(options: FakeSwitchOptions = {}, limits: Partial<ChannelLimits> = {}) {
  const channel = await startChannel((step) => void undo.push(step), { limits })
  const fake = await FakeSwitch.connect(channel.at, options)
  const session = await channel.next()
  fake.received.length = 0
  return { ...channel, fake, session }
}

const base = { version: 4, xid: 0 } as const
const echoless = { ...base, type: 'OFPT_GET_CONFIG_REQUEST' } as const
const deleteAll: Message = {
  ...base,
  type: 'OFPT_FLOW_MOD',
  cookie: 0n,
  cookie_mask: 0n,
  table_id: 'OFPTT_ALL',
  command: 'OFPFC_DELETE',
  idle_timeout: 0,
  hard_timeout: 0,
  priority: 0,
  buffer_id: 'OFP_NO_BUFFER',
  out_port: 'OFPP_ANY',
  out_group: 'OFPG_ANY',
  flags: [],
  match: [],
  instructions: [],
}
const numbered = (count: number): Message[] =>
  Array.from({ length: count }, (_, index) => ({ ...deleteAll, cookie: BigInt(index + 1) }))

const is = (type: number) => (bytes: Uint8Array) => typeAt(bytes, 0) === type
const control = (bytes: Uint8Array) =>
  typeAt(bytes, 0) === 4 && u32At(bytes, 12) === 2300 ? u16At(bytes, 20) : null
const added = (bytes: Uint8Array) => typeAt(bytes, 0) === 4 && u32At(bytes, 12) === 2301
/** A step of a bundle, or a message's type + 100. */
const step = (bytes: Uint8Array): unknown => control(bytes) ?? (added(bytes) ? 'add' : typeAt(bytes, 0) + 100)
const cookieOf = (flowMod: Uint8Array) => new DataView(flowMod.buffer, flowMod.byteOffset).getBigUint64(8)

describe('requests', () => {
  test('get the reply of their transaction id, in whatever order replies come', async () => {
    const held: Uint8Array[] = []
    const { session } = await serve({
      intercept: (bytes, fake) => {
        if (!is(7)(bytes)) return false
        held.push(bytes)
        if (held.length === 3) {
          for (const request of held.reverse())
            fake.send(message(8, xidAt(request, 0), [0, 0, 0, held.indexOf(request)]))
        }
        return true
      },
    })
    const replies = await Promise.all([1, 2, 3].map(() => session.request(echoless)))
    expect(replies.map((reply) => reply.ok && reply.value)).toMatchObject([
      { type: 'OFPT_GET_CONFIG_REPLY', miss_send_len: 2 },
      { miss_send_len: 1 },
      { miss_send_len: 0 },
    ])
  })

  test('fail with the error of the switch, in its words', async () => {
    const { session } = await serve({
      intercept: (bytes, fake) => {
        if (is(7)(bytes)) fake.error(1, 5, bytes)
        return is(7)(bytes)
      },
    })
    const reply = await session.request(echoless)
    expect(reply).toMatchObject({ ok: false, problem: { received: expect.stringContaining('OFPBRC_EPERM') } })
  })

  test('fail when no answer comes in time, and at once when the session ends', async () => {
    const { session, fake } = await serve({ intercept: is(7) })
    expect(await session.request(echoless, 50)).toMatchObject({
      ok: false,
      problem: { expected: 'within 50 ms' },
    })
    const waiting = session.request(echoless, 60_000)
    fake.close()
    expect((await waiting).ok).toBe(false)
    expect((await session.barrier()).ok).toBe(false)
  })

  test('that wait are limited', async () => {
    const { session } = await serve({ intercept: is(7) }, { pendingRequestsMax: 8 })
    const waiting = Array.from({ length: 9 }, () => session.request(echoless, 200))
    expect(await waiting[8]).toMatchObject({ problem: { what: 'too many requests wait for replies' } })
  })

  test('a reply that nobody waits for is counted', async () => {
    const { session, fake } = await serve()
    fake.send(message(8, 0xdead, [0, 0, 0, 0]))
    await eventually('the count', () => session.statistics.unexpectedMessages === 1)
  })

  test('an error that nobody waits for comes to the error listeners', async () => {
    const { session, fake } = await serve()
    const errors: unknown[] = []
    session.onError(() => {
      throw new Error('a fault in a listener')
    })
    session.onError((problem, { xid }) => errors.push([xid, problem.received]))
    const sent = session.send(deleteAll)
    await eventually('the message', () => fake.received.length === 1)
    fake.error(5, 5, fake.received[0]!)
    await eventually('the error', () => errors.length === 1)
    expect(errors).toEqual([[sent.ok && sent.value, expect.stringContaining('OFPFMFC_BAD_TIMEOUT')]])
  })

  test('a role is asked for with its generation', async () => {
    const { session, fake } = await serve()
    const role = await session.requestRole('OFPCR_ROLE_MASTER', 0x1_0000_0002n)
    expect(role).toMatchObject({ value: { type: 'OFPT_ROLE_REPLY', role: 'OFPCR_ROLE_MASTER' } })
    expect([...fake.receivedOf(24)[0]!.slice(8)]).toEqual([0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2])
  })
})

describe('multipart requests', () => {
  const tables: Message = {
    ...base,
    type: 'OFPT_MULTIPART_REQUEST',
    multipart_type: 'OFPMP_TABLE',
    flags: [],
  }
  const part = (xid: number, more: boolean, table: number) =>
    message(19, xid, [0, 3, 0, more ? 1 : 0, 0, 0, 0, 0, table, ...new Uint8Array(23)])
  const isTables = (bytes: Uint8Array) => is(18)(bytes) && u16At(bytes, 8) === 3

  test('collect all parts', async () => {
    const { session } = await serve({
      intercept: (bytes, fake) => {
        if (!isTables(bytes)) return false
        for (let table = 0; table < 10; table++) fake.send(part(xidAt(bytes, 0), table < 9, table))
        return true
      },
    })
    const reply = await session.multipart(tables)
    expect(reply.ok && reply.value.length).toBe(10)
  })

  test('fail when a switch never comes to an end', async () => {
    const { session, statistics } = await serve(
      {
        intercept: (bytes, fake) => {
          if (!isTables(bytes)) return false
          for (let count = 0; count < 2_000; count++) fake.send(part(xidAt(bytes, 0), true, 1))
          return true
        },
      },
      { multipartBytesMax: 10_000 },
    ).then((served) => ({ ...served, statistics: served.session.statistics }))
    expect(await session.multipart(tables)).toMatchObject({
      problem: { what: 'the multipart reply is too long' },
    })
    await eventually('the rest', () => statistics.unexpectedMessages > 1_500)
    expect((await session.barrier()).ok).toBe(true)
  })

  test('fail on a reply of another type, and on one that cannot be read', async () => {
    let answer: (xid: number) => Uint8Array = (xid) => message(8, xid, [0, 0, 0, 0])
    const { session } = await serve({
      intercept: (bytes, fake) => {
        if (isTables(bytes)) fake.send(answer(xidAt(bytes, 0)))
        return isTables(bytes)
      },
    })
    expect(await session.multipart(tables)).toMatchObject({ problem: { what: 'not a multipart reply' } })
    answer = (xid) => message(19, xid, [0, 3, 0, 0, 0, 0, 0, 0, 1, 2, 3])
    expect((await session.multipart(tables)).ok).toBe(false)
  })
})

describe('bundles', () => {
  test('open, add, close and commit; each message under its own transaction id, also inside', async () => {
    const { session, fake } = await serve()
    expect(await session.bundle(numbered(3))).toEqual({ ok: true, value: undefined })
    expect(fake.received.map(step)).toEqual([0, 'add', 'add', 'add', 2, 4])
    const adds = fake.received.filter(added)
    expect(adds.map((bytes) => xidAt(bytes, 0))).toEqual(adds.map((bytes) => xidAt(bytes, 24)))
    expect(adds.map((bytes) => cookieOf(bytes.slice(24)))).toEqual([1n, 2n, 3n])
    expect(new Set(fake.received.map((bytes) => u32At(bytes, 16))).size).toBe(1)
    expect(fake.received.every((bytes) => (u16At(bytes, 22) & 3) === 3)).toBe(true)
  })

  test('run one after the other', async () => {
    const { session, fake } = await serve()
    const results = await Promise.all([
      session.bundle(numbered(2)),
      session.ordered(numbered(1)),
      session.bundle(numbered(1)),
    ])
    expect(results.every(({ ok }) => ok)).toBe(true)
    expect(fake.received.map(step)).toEqual([0, 'add', 'add', 2, 4, 114, 120, 0, 'add', 2, 4])
  })

  test('a message that is refused when added: the bundle is discarded, and the message named', async () => {
    const { session, fake } = await serve({
      intercept: (bytes, self) => {
        if (added(bytes) && cookieOf(bytes.slice(24)) === 2n) self.error(5, 2, bytes)
        return added(bytes)
      },
    })
    const result = await session.bundle(numbered(3))
    expect(result).toMatchObject({ ok: false, applied: 'none', refused: [{ index: 1 }] })
    expect(result.ok || result.problem.where).toContain('messages[1]')
    expect(fake.received.map(control).filter((step) => step !== null)).toEqual([0, 2, 6])
  })

  test('a message that is refused at the commit is named', async () => {
    let last: Uint8Array | null = null
    const { session } = await serve({
      intercept: (bytes, self) => {
        if (added(bytes)) last = bytes.slice(24)
        if (control(bytes) !== 4) return false
        self.error(5, 1, last!)
        self.error(17, 15, bytes)
        return true
      },
    })
    expect(await session.bundle(numbered(4))).toMatchObject({
      ok: false,
      applied: 'none',
      refused: [{ index: 3 }],
    })
    expect((await session.barrier()).ok).toBe(true)
  })

  test('a switch that does not answer the commit leaves it unknown', async () => {
    const { session } = await serve({ intercept: (bytes) => control(bytes) === 4 })
    expect(await session.bundle(numbered(1), 100)).toMatchObject({ ok: false, applied: 'unknown' })
  })

  test('a bundle during which the switch goes', async () => {
    const { session } = await serve({
      intercept: (bytes, fake) => {
        if (added(bytes)) fake.close()
        return added(bytes)
      },
    })
    expect((await session.bundle(numbered(5_000))).ok).toBe(false)
    expect(await session.bundle(numbered(1))).toMatchObject({ ok: false, applied: 'none' })
  })

  test('that wait are limited, and so are their messages', async () => {
    const { session } = await serve(
      { intercept: (bytes) => control(bytes) === 2 },
      { bundlesMax: 3, bundleMessagesMax: 10 },
    )
    expect(await session.bundle(numbered(11))).toMatchObject({ problem: { what: 'too many messages' } })
    const running = Array.from({ length: 3 }, () => session.bundle(numbered(1), 50))
    expect(await session.bundle(numbered(1))).toMatchObject({ problem: { what: 'too many bundles wait' } })
    for (const bundle of running) expect((await bundle).ok).toBe(false)
  })

  test('nothing to apply is applied without a word', async () => {
    const { session, fake } = await serve()
    expect((await session.bundle([])).ok).toBe(true)
    expect(fake.received).toEqual([])
  })

  test('a switch without bundles gets the messages in order and a barrier, and says which it refused', async () => {
    const { session, fake } = await serve({
      experimenters: false,
      intercept: (bytes, self) => {
        if (is(14)(bytes) && cookieOf(bytes) % 2n === 0n) self.error(5, 2, bytes)
        return is(14)(bytes)
      },
    })
    const result = await session.bundle(numbered(5))
    expect(result).toMatchObject({ ok: false, applied: 'some', refused: [{ index: 1 }, { index: 3 }] })
    expect(fake.received.map((bytes) => typeAt(bytes, 0))).toEqual([14, 14, 14, 14, 14, 20])
  })

  test('a message that cannot be encoded is named, and nothing is sent', async () => {
    const { session, fake } = await serve()
    const bad = { ...deleteAll, priority: 70_000 }
    const result = await session.bundle([deleteAll, bad as Message])
    expect(result).toMatchObject({ ok: false, applied: 'none', refused: [{ index: 1 }] })
    expect(fake.received).toEqual([])
  })
})

describe('PACKET_INs', () => {
  const packetIn = (mark: number) => message(10, 0, new Uint8Array(60).fill(mark))
  const packetIn2 = message(4, 0, [0, 0, 0x23, 0x20, 0, 0, 0, 30, ...new Uint8Array(16)])

  test('come undecoded, of both kinds, with the end of each batch', async () => {
    const { session, fake } = await serve()
    const seen: number[] = []
    let batches = 0
    session.onPacketIn(
      (bytes, offset, end) => seen.push(typeAt(bytes, offset), end - offset),
      () => batches++,
    )
    fake.send(new Uint8Array(Buffer.concat([packetIn(1), packetIn2, packetIn(2)])))
    await eventually('three', () => seen.length === 6)
    expect(seen).toEqual([10, 68, 4, packetIn2.length, 10, 68])
    expect(batches).toBe(1)
    expect(session.statistics).toMatchObject({ packetIns: 3, droppedPacketIns: 0 })
  })

  test('without a listener are counted', async () => {
    const { session, fake } = await serve()
    fake.send(packetIn(1))
    await eventually('it', () => session.statistics.droppedPacketIns === 1)
  })

  test('a listener that throws costs its packet only', async () => {
    const { session, fake } = await serve()
    const seen: number[] = []
    session.onPacketIn((bytes, offset) => {
      seen.push(bytes[offset + 8]!)
      if (seen.length === 1) throw new Error('a fault in the host')
    })
    fake.send(new Uint8Array(Buffer.concat([packetIn(1), packetIn(2)])))
    await eventually('both', () => seen.length === 2)
    expect((await session.barrier()).ok).toBe(true)
  })

  test('are answered in one write for each event', async () => {
    const { session, fake } = await serve()
    session.onPacketIn((bytes, offset) => {
      const at = session.reserve(8)
      session.outputBytes.set([4, 13, 0, 8, 0, 0, 0, bytes[offset + 8]!], at)
    })
    fake.send(new Uint8Array(Buffer.concat([packetIn(1), packetIn(2), packetIn(3)])))
    await eventually('the answers', () => fake.receivedOf(13).length === 3)
    expect(fake.receivedOf(13).map((bytes) => bytes[7])).toEqual([1, 2, 3])
    expect(session.statistics.packetOuts).toBe(3)
  })
})

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
    undo.push(() => clearInterval(sending))
    let most = 0
    const watching = setInterval(() => (most = Math.max(most, session.outputBytes.length)), 1)
    undo.push(() => clearInterval(watching))
    await eventually('it to be cut', () => left.length === 1, 20_000)
    expect(left[0]!.problem.what).toBe('the peer does not read')
    expect(session.statistics.pauses).toBeGreaterThan(0)
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
    const { at, unwanted, channel } = await startChannel((step) => void undo.push(step), {
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
    undo.push(() => clearInterval(sending))
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
})

test('ports follow what the switch says', async () => {
  const { session, fake } = await serve({ ports: [{ number: 1, name: 'one' }] })
  const seen: unknown[] = []
  session.onPortStatus(({ reason, desc }) => seen.push([reason, desc.port_no, desc.name]))
  const status = (reason: number, number: number, name: string) => {
    const body = new Uint8Array(72)
    body[0] = reason
    body[11] = number
    body.set(new TextEncoder().encode(name), 24)
    return message(12, 0, body)
  }
  fake.send(status(0, 2, 'two'))
  fake.send(status(2, 2, 'zwei'))
  fake.send(status(1, 1, 'one'))
  await eventually('three', () => seen.length === 3)
  expect(seen).toEqual([
    ['OFPPR_ADD', 2, 'two'],
    ['OFPPR_MODIFY', 2, 'zwei'],
    ['OFPPR_DELETE', 1, 'one'],
  ])
  expect([...session.ports.values()].map(({ name }) => name)).toEqual(['zwei'])
})
