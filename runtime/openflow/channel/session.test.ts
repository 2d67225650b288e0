import { describe, expect, test } from 'bun:test'
import { eventually } from '../../../tests/support/open-vswitch.ts'
import type { Message } from '../index.ts'
import { u16At, xidAt } from './header.ts'
import { message } from './testing.ts'
import { base, deleteAll, echoless, is, useSessions } from './testing-session.ts'

const { serve } = useSessions()

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
