import { describe, expect, test } from 'bun:test'
import { eventually } from '../../../tests/support/open-vswitch.ts'
import { typeAt } from './header.ts'
import { message } from './testing.ts'
import { useSessions } from './testing-session.ts'

const { serve } = useSessions()

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
