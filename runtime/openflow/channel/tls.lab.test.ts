import { afterAll, describe, expect, test } from 'bun:test'
import { eventually } from '../../../tests/support/open-vswitch.ts'
import type { ChannelOptions } from './channel.ts'
import { FakeSwitch, message } from './testing.ts'
import { createAuthority } from './testing-certificates.ts'
import { startChannel } from './testing-channel.ts'
import { useLater } from './testing-session.ts'
import { readTls, type TlsFiles, type TlsMaterial } from './tls.ts'

const later = useLater()

const authority = createAuthority('the authority')
const rogue = createAuthority('the authority')
const host = authority.issue('vnet-host')
const certificates = {
  datapath: authority.issue('00000000000000A1'),
  node: authority.issue('node-1'),
  otherNode: authority.issue('node-2'),
  expired: authority.issue('00000000000000a1', { expired: true }),
  rogue: rogue.issue('00000000000000a1'),
}
afterAll(() => {
  authority.remove()
  rogue.remove()
})

async function material(files: TlsFiles): Promise<TlsMaterial> {
  const read = await readTls(files)
  if (!read.ok) throw new Error(read.problem.what)
  return read.value
}

const secured = (options: Partial<ChannelOptions> = {}) =>
  startChannel(later, {
    listen: ['ssl:127.0.0.1:0'],
    tls: host,
    ownerOf: (dpid) => (dpid === '0x00000000000000a1' ? 'node-1' : null),
    ...options,
  })

describe('a switch that dials in over TLS', () => {
  test.each(['datapath', 'node'] as const)('with a certificate for its %s is served', async (whose) => {
    const { at, next, alarms } = await secured()
    await FakeSwitch.connect(at, { datapathId: 0xa1n, tls: await material(certificates[whose]) })
    const session = await next()
    expect(session.peer).toMatchObject({
      transport: 'ssl',
      certificateName: expect.stringMatching(/a1$|node-1/i),
    })
    expect(alarms).toEqual([])
    expect((await session.barrier()).ok).toBe(true)
  })

  test.each([
    ['for another datapath', 0xa2n, 'datapath'],
    ['for a node that does not own it', 0xa1n, 'otherNode'],
    ['for a node, where no owner is known', 0xa2n, 'node'],
  ] as const)('with a good certificate %s is refused with an alarm', async (_, datapathId, whose) => {
    const { at, alarms, joined } = await secured()
    const fake = await FakeSwitch.connect(at, { datapathId, tls: await material(certificates[whose]) })
    await fake.whenClosed()
    expect(alarms).toMatchObject([
      { kind: 'identity-mismatch', dpid: `0x00000000000000${datapathId.toString(16)}` },
    ])
    expect(Buffer.from(fake.receivedOf(1)[0]!).toString('latin1')).toContain('does not name this datapath')
    expect(joined).toEqual([])
  })

  test.each([
    ['is served once that is known to own it', 'node', 'node-1'],
    ['is refused with an alarm once another is known to own it', 'otherNode', 'node-1'],
  ] as const)('with a certificate for a node %s, and idle until then', async (_, whose, owner) => {
    let known: string | undefined
    const { at, alarms, joined, channel } = await secured({ ownerOf: () => known })
    const fake = await FakeSwitch.connect(at, { datapathId: 0xa1n, tls: await material(certificates[whose]) })
    await eventually('it to be known', () => channel.connections()[0]?.state === 'idle')
    expect([alarms, joined, fake.closed]).toEqual([[], [], false])
    known = owner
    channel.reevaluate()
    if (whose === 'node') await eventually('it to be served', () => joined.length === 1)
    else await fake.whenClosed()
    expect(alarms.map(({ kind }) => kind)).toEqual(whose === 'node' ? [] : ['identity-mismatch'])
  })

  test.each(['rogue', 'expired'] as const)('with a %s certificate gets not one byte', async (whose) => {
    const { at, joined } = await secured()
    const { key, cert } = await material(certificates[whose])
    const { ca } = await material(host)
    const fake = await FakeSwitch.connect(at, { datapathId: 0xa1n, tls: { key, cert, ca } })
    await fake.whenClosed()
    expect(fake.received).toEqual([])
    expect(joined).toEqual([])
  })

  test('without a certificate, or without TLS, gets not one byte of OpenFlow, and others are served', async () => {
    const { at, next } = await secured()
    const { ca } = await material(host)
    const bare = await FakeSwitch.connect(at, { tls: { ca } as TlsMaterial })
    await bare.whenClosed()
    const plain = await FakeSwitch.connect(at.replace('ssl:', 'tcp:'))
    await plain.whenClosed()
    expect([...bare.received, ...plain.received.filter((bytes) => bytes[0] === 4)]).toEqual([])
    await FakeSwitch.connect(at, { datapathId: 0xa1n, tls: await material(certificates.datapath) })
    await next()
  })

  test('that never begins its TLS handshake is cut', async () => {
    const { at, channel } = await secured({ limits: { handshakeTimeoutMs: 100 } })
    const mute = await FakeSwitch.connect(at.replace('ssl:', 'tcp:'), { hello: new Uint8Array(0) })
    await mute.whenClosed()
    expect(channel.connections()).toEqual([])
  })

  test('with another certificate for a datapath that is served is refused with an alarm', async () => {
    const { at, next, alarms } = await secured()
    const first = await FakeSwitch.connect(at, {
      datapathId: 0xa1n,
      tls: await material(certificates.datapath),
    })
    await next()
    const second = await FakeSwitch.connect(at, { datapathId: 0xa1n, tls: await material(certificates.node) })
    await second.whenClosed()
    expect(alarms).toMatchObject([{ kind: 'duplicate-datapath', dpid: '0x00000000000000a1' }])
    expect(first.closed).toBe(false)
  })

  test('and does not read is held down and cut, as without TLS', async () => {
    const limits = { outputPauseBytes: 100_000, outputMaxBytes: 300_000, stallTimeoutMs: 300 }
    const { at, next, left } = await secured({ limits })
    const fake = await FakeSwitch.connect(at, {
      datapathId: 0xa1n,
      tls: await material(certificates.datapath),
    })
    const session = await next()
    fake.pause()
    const filling = setInterval(() => {
      for (let count = 0; count < 100; count++) session.packetOut(message(13, 1, new Uint8Array(1_000)))
    }, 1)
    later(() => clearInterval(filling))
    await eventually('it to be cut', () => left.length === 1, 10_000)
    expect(session.statistics.droppedMessages).toBeGreaterThan(0)
  }, 15_000)

  test('and reads slowly gets every byte in order', async () => {
    const { at, next } = await secured()
    const fake = await FakeSwitch.connect(at, {
      datapathId: 0xa1n,
      tls: await material(certificates.datapath),
    })
    const session = await next()
    fake.pause()
    const before = fake.received.length
    for (let xid = 0; xid < 8_000; xid++)
      expect(session.packetOut(message(13, xid, new Uint8Array(1_000).fill(xid)))).toBe(true)
    await Bun.sleep(200)
    fake.resume()
    await eventually('everything', () => fake.received.length === before + 8_000, 10_000)
    const bodies = fake.received.slice(before)
    expect(
      bodies.every(
        (bytes, xid) => bytes.length === 1_008 && bytes[100] === (xid & 0xff) && bytes[7] === (xid & 0xff),
      ),
    ).toBe(true)
  }, 15_000)
})

describe('dialling over TLS', () => {
  const serve = async (files: TlsFiles) => {
    const fake = new FakeSwitch({ datapathId: 0xa1n, tls: await material(files) })
    const tls = {
      ...(await material(files)),
      requestCert: true,
      rejectUnauthorized: true,
      ca: (await material(host)).ca,
    }
    const server = Bun.listen({ hostname: '127.0.0.1', port: 0, tls, socket: fake.handler() })
    later(() => server.stop(true))
    return { fake, at: `ssl:127.0.0.1:${server.port}` }
  }

  test('a switch whose certificate names its datapath, not its host, is served', async () => {
    const { at } = await serve(certificates.datapath)
    const { next } = await secured({ listen: [], dial: [at] })
    expect((await next()).peer).toMatchObject({ direction: 'dialled', certificateName: '00000000000000A1' })
  })

  test.each(['rogue', 'expired'] as const)('one with a %s certificate gets not one byte', async (whose) => {
    const { at, fake } = await serve(certificates[whose])
    const { joined } = await secured({ listen: [], dial: [at] })
    await Bun.sleep(300)
    expect(fake.received).toEqual([])
    expect(joined).toEqual([])
  })

  test('one with a good certificate for somebody else is refused with an alarm', async () => {
    const { at } = await serve(certificates.otherNode)
    const { alarms, joined } = await secured({ listen: [], dial: [at] })
    await eventually('the alarm', () => alarms.length > 0)
    expect(alarms[0]).toMatchObject({ kind: 'identity-mismatch' })
    expect(joined).toEqual([])
  })
})

describe('the files', () => {
  test.each([
    ['a missing file', { ...host, key: '/nowhere/key.pem' }, '/nowhere/key.pem'],
    ['a certificate in place of the key', { ...host, key: host.cert }, host.cert],
    ['a key in place of the certificate', { ...host, cert: host.key }, host.key],
    ['a key of another certificate', { ...host, key: certificates.node.key }, certificates.node.key],
  ])('%s is a problem that names it', async (_, files, where) => {
    expect(await readTls(files)).toMatchObject({ ok: false, problem: { where } })
  })
})
