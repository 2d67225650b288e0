import { describe, expect, test } from 'bun:test'
import type { Message } from '../index.ts'
import { typeAt, u16At, u32At, xidAt } from './header.ts'
import { added, control, cookieOf, deleteAll, is, numbered, step, useSessions } from './testing-session.ts'

const { serve } = useSessions()

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
