import { describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../../tests/support/open-vswitch.ts'
import { typeAt, u16At, u32At } from './header.ts'
import { FakeSwitch, message } from './testing.ts'
import { startChannel } from './testing-channel.ts'
import { useLater } from './testing-session.ts'

const later = useLater()

const temporary = () => {
  const folder = mkdtempSync('/tmp/chn-')
  later(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Messages that change a switch: flow, group, port, meter and table modifications, packet-outs, and bundles other than empty ones. */
const touches = (bytes: Uint8Array) =>
  [13, 14, 15, 16, 17, 29].includes(typeAt(bytes, 0)) || (typeAt(bytes, 0) === 4 && u32At(bytes, 12) === 2301)

describe('a datapath that joins', () => {
  test('is set up, and says what it is', async () => {
    const { at, next } = await startChannel(later)
    const ports = [
      { number: 1, name: 'eth0' },
      { number: 2, name: 'tap2' },
    ]
    const fake = await FakeSwitch.connect(at, { datapathId: 0xabcn, ports, description: 'Acme' })
    const session = await next()
    expect(session.dpid).toBe('0x0000000000000abc')
    expect(session.description?.mfr_desc).toBe('Acme')
    expect([...session.ports.values()].map(({ port_no, name }) => [port_no, name])).toEqual([
      [1, 'eth0'],
      [2, 'tap2'],
    ])
    expect(session.bundlesSupported).toBe(true)
    const [config] = fake.receivedOf(9)
    expect(u16At(config!, 10)).toBe(0xffff)
    expect(fake.received.filter(touches)).toEqual([])
    expect(fake.receivedOf(24)).toEqual([])
  })

  test('without experimenters is served with plain PACKET_INs and no bundles', async () => {
    const { at, next } = await startChannel(later)
    await FakeSwitch.connect(at, { experimenters: false })
    const session = await next()
    expect(session).toMatchObject({ bundlesSupported: false, packetInFormat: 'OFPT_PACKET_IN' })
  })

  test('leaves when it is gone, and joins again', async () => {
    const { at, next, left } = await startChannel(later)
    const fake = await FakeSwitch.connect(at)
    const session = await next()
    fake.close()
    await eventually('it to leave', () => left.length === 1)
    expect(left[0]!.session).toBe(session)
    expect(session.endedBy).not.toBeNull()
    await FakeSwitch.connect(at)
    expect(await next()).not.toBe(session)
  })

  test('that does not tell its ports is cut, and another is served', async () => {
    const { at, next } = await startChannel(later)
    const intercept = (bytes: Uint8Array, fake: FakeSwitch) => {
      if (typeAt(bytes, 0) !== 18) return false
      fake.error(1, 2, bytes)
      return true
    }
    const bad = await FakeSwitch.connect(at, { intercept })
    await bad.whenClosed()
    await FakeSwitch.connect(at, { datapathId: 2n })
    expect((await next()).dpid).toBe('0x0000000000000002')
  })
})

describe('a datapath that is not admitted', () => {
  test('stays connected, is not touched, and is served as soon as it may be', async () => {
    const { at, channel, unwanted, joined, next, left } = await startChannel(later)
    const dpid = '0x0000000000000001'
    unwanted.add(dpid)
    const fake = await FakeSwitch.connect(at)
    await eventually('the connection', () => channel.connections().some(({ state }) => state === 'idle'))
    fake.send(message(10, 0, new Uint8Array(100)))
    fake.send(message(2, 77, [1, 2, 3]))
    await eventually('the echo', () => fake.receivedOf(3).length === 1)
    expect([...fake.receivedOf(3)[0]!]).toEqual([4, 3, 0, 11, 0, 0, 0, 77, 1, 2, 3])
    expect(fake.received.map((bytes) => typeAt(bytes, 0))).toEqual([0, 5, 3])
    expect(joined).toEqual([])

    unwanted.clear()
    channel.reevaluate(dpid)
    const session = await next()
    expect(session.send({ version: 4, type: 'OFPT_BARRIER_REQUEST', xid: 0 }).ok).toBe(true)

    unwanted.add(dpid)
    channel.reevaluate()
    expect(left).toMatchObject([{ session: { dpid }, problem: { received: 'unwanted' } }])
    expect(await session.barrier()).toMatchObject({ ok: false, problem: { what: 'no longer served' } })
    expect(session.send({ version: 4, type: 'OFPT_BARRIER_REQUEST', xid: 0 }).ok).toBe(false)
    expect(session.packetOut(message(13, 1))).toBe(false)
    fake.send(message(2, 78))
    await eventually('the second echo', () => fake.receivedOf(3).length === 2)
    expect(fake.closed).toBe(false)

    unwanted.clear()
    channel.reevaluate()
    expect(await next()).not.toBe(session)
    expect(channel.sessions().length).toBe(1)
  })

  test('in great number does not keep out one that is', async () => {
    const limits = { unservedDatapathsMax: 5, connectionsMax: 8 }
    const { at, channel, next } = await startChannel(later, {
      limits,
      admit: (dpid) => (dpid.endsWith('ff') ? { serve: true } : { serve: false, reason: 'not registered' }),
    })
    const fakes: FakeSwitch[] = []
    for (let id = 1n; id <= 20n; id++) {
      const fake = await FakeSwitch.connect(at, { datapathId: id })
      fakes.push(fake)
      await eventually(
        'it to be idle, or not',
        () => fake.receivedOf(5).length === 1 && channel.connections().length <= 6,
      )
      await eventually(
        'those beyond the limit to go',
        () => fakes.filter(({ closed }) => !closed).length <= 5,
      )
    }
    await FakeSwitch.connect(at, { datapathId: 0xffn })
    expect((await next()).dpid).toBe('0x00000000000000ff')
    expect(fakes.slice(0, 15).every(({ closed }) => closed)).toBe(true)
    expect(fakes.slice(15).some(({ closed }) => closed)).toBe(false)
  })

  test('an admission that throws is none', async () => {
    const { at, channel } = await startChannel(later, {
      admit() {
        throw new Error('a fault in the host')
      },
    })
    const fake = await FakeSwitch.connect(at)
    await eventually('the connection', () => channel.connections().some(({ state }) => state === 'idle'))
    expect(fake.closed).toBe(false)
  })
})

describe('two connections for one datapath id', () => {
  const states = (channel: { connections(): { state: string; peer: { direction: string } }[] }) =>
    channel.connections().map(({ state, peer }) => `${peer.direction} ${state}`)

  test('the second stands by with echo, and takes over when the first closes', async () => {
    const { at, channel, next, left, joined } = await startChannel(later)
    const first = await FakeSwitch.connect(at)
    await next()
    const second = await FakeSwitch.connect(at)
    await eventually('the second', () => states(channel).includes('accepted standing by'))
    expect(states(channel)).toEqual(['accepted serving', 'accepted standing by'])
    second.send(message(2, 5))
    await eventually('its echo', () => second.receivedOf(3).length === 1)
    expect(second.received.map((bytes) => typeAt(bytes, 0))).toEqual([0, 5, 3])
    first.close()
    const session = await next()
    expect(left.length).toBe(1)
    expect(joined.length).toBe(2)
    expect(second.receivedOf(9).length).toBe(1)
    expect(session.endedBy).toBeNull()
  })

  test('a dialled one goes before one that dialled in; each takes over for the other', async () => {
    const { at, channel, next, left } = await startChannel(later)
    const inward = await FakeSwitch.connect(at)
    expect((await next()).peer.direction).toBe('accepted')
    const path = join(temporary(), 'br0.mgmt')
    const outward = new FakeSwitch()
    const server = Bun.listen({ unix: path, socket: outward.handler() })
    later(() => server.stop(true))
    channel.dial(`unix:${path}`)
    expect((await next()).peer.direction).toBe('dialled')
    expect(left.length).toBe(1)
    expect(inward.closed).toBe(false)
    expect(states(channel)).toEqual(['dialled serving', 'accepted standing by'])
    outward.close()
    expect((await next()).peer.direction).toBe('accepted')
    expect((await next()).peer.direction).toBe('dialled')
    expect(states(channel)).toEqual(['dialled serving', 'accepted standing by'])
  })

  test('a first connection that is dead makes way before its time', async () => {
    const limits = { takeOverProbeMs: 200, deadMs: 60_000, echoIntervalMs: 60_000 }
    const { at, next, left } = await startChannel(later, { limits })
    await FakeSwitch.connect(at, { echo: false })
    await next()
    await FakeSwitch.connect(at)
    await next()
    expect(left).toMatchObject([{ problem: { what: 'the peer does not answer' } }])
  })

  test('more than a few do not wait', async () => {
    const { at, next, channel } = await startChannel(later, { limits: { standbysPerDatapathMax: 2 } })
    await FakeSwitch.connect(at)
    await next()
    await FakeSwitch.connect(at)
    await FakeSwitch.connect(at)
    await eventually(
      'two that wait',
      () => states(channel).filter((state) => state.endsWith('by')).length === 2,
    )
    const fourth = await FakeSwitch.connect(at)
    await fourth.whenClosed()
    expect(fourth.receivedOf(1).length).toBe(1)
    expect(channel.connections().length).toBe(3)
  })
})

describe('time-outs', () => {
  test('a silent switch is asked, and cut when it does not answer', async () => {
    const { at, next, left } = await startChannel(later, { limits: { echoIntervalMs: 100, deadMs: 400 } })
    const deaf = await FakeSwitch.connect(at, { echo: false })
    await next()
    await deaf.whenClosed()
    expect(deaf.receivedOf(2).length).toBe(1)
    expect(left).toMatchObject([{ problem: { where: 'echo' } }])
  })

  test('a silent switch that answers stays; so does one that only talks', async () => {
    const { at, next } = await startChannel(later, { limits: { echoIntervalMs: 100, deadMs: 400 } })
    const quiet = await FakeSwitch.connect(at)
    await next()
    const talking = await FakeSwitch.connect(at, { datapathId: 2n, echo: false })
    await next()
    const chatter = setInterval(() => talking.send(message(10, 0, new Uint8Array(24))), 50)
    later(() => clearInterval(chatter))
    await Bun.sleep(1_200)
    expect([quiet.closed, talking.closed]).toEqual([false, false])
    expect(quiet.receivedOf(2).length).toBeGreaterThan(3)
  })

  test('a silent standby and a silent idle one are cut too', async () => {
    const { at, unwanted } = await startChannel(later, { limits: { echoIntervalMs: 100, deadMs: 400 } })
    unwanted.add('0x0000000000000002')
    await FakeSwitch.connect(at)
    const standby = await FakeSwitch.connect(at, { echo: false })
    const idle = await FakeSwitch.connect(at, { datapathId: 2n, echo: false })
    await Promise.all([standby.whenClosed(), idle.whenClosed()])
  })
})

test('a thousand switches', async () => {
  const { at, joined, channel } = await startChannel(later)
  const fakes = await Promise.all(
    Array.from({ length: 1_000 }, (_, id) => FakeSwitch.connect(at, { datapathId: BigInt(id + 1) })),
  )
  later(() => {
    for (const fake of fakes) fake.close()
  })
  await eventually('all of them', () => joined.length === 1_000, 20_000)
  expect(channel.sessions().length).toBe(1_000)
  expect(new Set(joined.map(({ dpid }) => dpid)).size).toBe(1_000)
}, 30_000)

test('a channel that cannot start leaves nothing open', async () => {
  const { at } = await startChannel(later)
  await expect(startChannel(later, { listen: ['tcp:127.0.0.1:0', at] })).rejects.toThrow('is in use')
  await expect(startChannel(later, { listen: ['ssl:127.0.0.1:0'] })).rejects.toThrow('TLS is not set up')
  await expect(startChannel(later, { dial: ['nonsense'] })).rejects.toThrow('not an address')
})
