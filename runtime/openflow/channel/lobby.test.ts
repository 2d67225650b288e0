import { describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../../tests/support/open-vswitch.ts'
import { silent } from '../../log.ts'
import { formatAddress, parseAddress } from './address.ts'
import type { Connection } from './connection.ts'
import { Dialer } from './dialer.ts'
import type { Features } from './features.ts'
import { typeAt, versionAt } from './header.ts'
import { type ChannelLimits, defaultLimits } from './limits.ts'
import { listen } from './listener.ts'
import { Lobby } from './lobby.ts'
import { FakeSwitch, message } from './testing.ts'
import { useLater } from './testing-session.ts'

const later = useLater()

const temporary = () => {
  const folder = mkdtempSync('/tmp/chn-')
  later(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const address = (text: string) => {
  const parsed = parseAddress(text)
  if (!parsed.ok) throw new Error(text)
  return parsed.value
}

async function open(limits: Partial<ChannelLimits> = {}, where = 'tcp:127.0.0.1:0') {
  const identified: { connection: Connection; features: Features }[] = []
  const all = { ...defaultLimits, lingerMs: 50, ...limits }
  const lobby = new Lobby(all, silent, {
    identified: (connection, features) => identified.push({ connection, features }),
  })
  const listener = await listen(address(where), lobby, null)
  if (!listener.ok) throw new Error(listener.problem.what)
  const ticker = setInterval(() => lobby.tick(10), 10)
  later(() => {
    clearInterval(ticker)
    listener.value.stop()
    lobby.close({ what: 'end of the test', where: 'test' })
  })
  return { lobby, identified, limits: all, at: formatAddress(listener.value.address) }
}

/** The error that a fake switch got, as type, code and text. */
const errorOf = (fake: FakeSwitch) => {
  const [error] = fake.receivedOf(1)
  if (error === undefined) throw new Error('no error came')
  const text = Buffer.from(error.slice(12)).toString('latin1')
  return { version: versionAt(error, 0), type: error[9], code: error[11], text }
}

describe('the handshake with a switch that dials in', () => {
  test.each(['tcp', 'unix'])('identifies it over %s', async (transport) => {
    const { identified, at } = await open(
      {},
      transport === 'tcp' ? undefined : `unix:${join(temporary(), 'of.sock')}`,
    )
    await FakeSwitch.connect(at, { datapathId: 0xa1n })
    await eventually('the datapath', () => identified.length === 1)
    const [{ connection, features }] = identified as [(typeof identified)[0]]
    expect(features).toMatchObject({ datapathId: '0x00000000000000a1', tables: 254, auxiliaryId: 0 })
    expect(connection.peer).toMatchObject({ direction: 'accepted', transport, certificateName: null })
  })

  test('identifies it when every byte comes alone', async () => {
    const { identified, at } = await open()
    const fake = new FakeSwitch({ datapathId: 7n })
    fake.whole = false
    const { host, port } = address(at) as { host: string; port: number }
    await Bun.connect({ hostname: host, port, socket: fake.handler() })
    await eventually('the datapath', () => identified.length === 1)
  })

  test.each([
    ['only 1.0', message(0, 1, [], 1), 1],
    ['only 1.0 and 1.4', message(0, 1, [0, 1, 0, 8, 0, 0, 0, 0x22], 5), 4],
  ])('refuses %s with a text, in a version that the switch can read', async (_, hello, version) => {
    const { identified, at } = await open()
    const fake = await FakeSwitch.connect(at, { hello })
    await fake.whenClosed()
    expect(errorOf(fake)).toMatchObject({ version, type: 0, code: 0 })
    expect(errorOf(fake).text).toContain('expected OpenFlow 1.3')
    expect(identified).toEqual([])
  })

  test.each([
    ['a HELLO element of length 0', message(0, 1, [0, 1, 0, 0, 0, 0, 0, 0])],
    ['something else than HELLO', message(10, 1, [1, 2, 3])],
    ['a header that claims 3 bytes', Uint8Array.of(4, 0, 0, 3, 0, 0, 0, 1)],
    ['text', new TextEncoder().encode('GET / HTTP/1.1\r\nHost: nowhere\r\n\r\n'.repeat(4_000))],
  ])('refuses %s and goes on', async (_, hello) => {
    const { identified, at } = await open()
    const bad = await FakeSwitch.connect(at, { hello })
    await bad.whenClosed()
    expect(bad.receivedOf(1).length).toBe(1)
    await FakeSwitch.connect(at)
    await eventually('the next one', () => identified.length === 1)
  })

  test.each([
    ['a features reply that is cut short', message(6, 2, new Uint8Array(10))],
    ['a features reply that claims 4 bytes', Uint8Array.of(4, 6, 0, 4, 0, 0, 0, 2)],
  ])('refuses %s', async (_, reply) => {
    const { at, identified } = await open()
    const fake = await FakeSwitch.connect(at, {
      intercept: (bytes, self) => {
        if (typeAt(bytes, 0) !== 5) return false
        self.send(reply)
        return true
      },
    })
    await fake.whenClosed()
    expect(fake.receivedOf(1).length).toBe(1)
    expect(identified).toEqual([])
  })

  test('refuses auxiliary connections with a text', async () => {
    const { identified, at } = await open()
    const fake = await FakeSwitch.connect(at, { auxiliaryId: 1 })
    await fake.whenClosed()
    expect(errorOf(fake)).toMatchObject({ type: 0, code: 1 })
    expect(errorOf(fake).text).toContain('auxiliary connections are not served')
    expect(identified).toEqual([])
  })
})

describe('limits before the handshake is done', () => {
  test('who says nothing is cut', async () => {
    const { lobby, at } = await open({ handshakeTimeoutMs: 100 })
    const mute = await FakeSwitch.connect(at, { hello: new Uint8Array(0) })
    await mute.whenClosed()
    await eventually('the socket to be gone', () => lobby.size === 0)
  })

  test('who sends a header that promises a message, and no message, is cut', async () => {
    const { at } = await open({ handshakeTimeoutMs: 100 })
    const slow = await FakeSwitch.connect(at, { hello: Uint8Array.of(4, 0, 255, 255, 0, 0, 0, 1, 2, 3) })
    await slow.whenClosed()
  })

  test('a crowd of mute connections does not keep a switch out, and is held down', async () => {
    const { lobby, identified, at } = await open({ handshakesMax: 20 })
    for (let count = 0; count < 60; count++) await FakeSwitch.connect(at, { hello: new Uint8Array(0) })
    await FakeSwitch.connect(at)
    await eventually('the switch', () => identified.length === 1)
    await eventually('the crowd to be held down', () => lobby.size <= 21)
  })

  test('a connection above the limit is closed, the others stay', async () => {
    const { identified, at } = await open({ connectionsMax: 3 })
    const fakes = []
    for (let id = 1n; id <= 3n; id++) fakes.push(await FakeSwitch.connect(at, { datapathId: id }))
    await eventually('three switches', () => identified.length === 3)
    const fourth = await FakeSwitch.connect(at, { datapathId: 4n })
    await fourth.whenClosed()
    expect(fakes.map(({ closed }) => closed)).toEqual([false, false, false])
    fakes[0]!.close()
    await eventually('a place', () => identified[0]!.connection.closed)
    await FakeSwitch.connect(at, { datapathId: 5n })
    await eventually('the fifth', () => identified.length === 4)
  })
})

describe('dialling', () => {
  const dialer = (where: string, lobby: Lobby, limits: ChannelLimits) => {
    const dial = new Dialer(address(where), lobby, limits, () => null, silent)
    later(() => dial.stop({ what: 'end of the test', where: 'test' }))
    dial.start()
    return dial
  }

  test('waits for a switch that is not there yet, and calls again when it is lost', async () => {
    const { lobby, identified, limits } = await open()
    const path = join(temporary(), 'br0.mgmt')
    dialer(`unix:${path}`, lobby, limits)
    await Bun.sleep(100)
    for (let round = 1; round <= 3; round++) {
      const fake = new FakeSwitch()
      const server = Bun.listen({ unix: path, socket: fake.handler() })
      await eventually(`call ${round}`, () => identified.length === round)
      expect(identified.at(-1)!.connection.peer).toMatchObject({
        direction: 'dialled',
        address: `unix:${path}`,
      })
      fake.close()
      server.stop(true)
    }
  })

  test('a path longer than a socket address holds', async () => {
    const { lobby, identified, limits } = await open()
    const folder = join(temporary(), 'x'.repeat(120))
    await Bun.$`mkdir -p ${folder}`
    const path = join(folder, 'br0.mgmt')
    const server = Bun.listen({ unix: path, socket: new FakeSwitch().handler() })
    later(() => server.stop(true))
    dialer(`unix:${path}`, lobby, limits)
    await eventually('the datapath', () => identified.length === 1)
  })

  test('a switch that always hangs up is called less and less often', async () => {
    const { lobby, limits } = await open({ dialDelayMinMs: 10, dialDelayRemoteMaxMs: 10_000 })
    let calls = 0
    const server = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        open(socket) {
          calls++
          socket.terminate()
        },
        data() {},
      },
    })
    later(() => server.stop(true))
    dialer(`tcp:127.0.0.1:${server.port}`, lobby, limits)
    await Bun.sleep(1_000)
    expect(calls).toBeGreaterThan(2)
    expect(calls).toBeLessThan(12)
  })

  test('stops calling when told', async () => {
    const { lobby, limits, identified } = await open()
    const path = join(temporary(), 'br0.mgmt')
    const dial = dialer(`unix:${path}`, lobby, limits)
    dial.stop({ what: 'no longer wanted', where: 'test' })
    const server = Bun.listen({ unix: path, socket: new FakeSwitch().handler() })
    later(() => server.stop(true))
    await Bun.sleep(400)
    expect(identified).toEqual([])
  })

  test('gives up a call that nobody answers, and calls again', async () => {
    const { lobby, identified, limits } = await open({ connectTimeoutMs: 100 })
    // A listener whose backlog is full answers nothing; 192.0.2.0/24 is for documentation and routed nowhere.
    const dial = dialer('tcp:192.0.2.1:6653', lobby, limits)
    await Bun.sleep(500)
    dial.stop({ what: 'no longer wanted', where: 'test' })
    expect(identified).toEqual([])
  })
})

describe('listening on a unix socket', () => {
  const start = (path: string) =>
    listen(address(`unix:${path}`), new Lobby(defaultLimits, silent, { identified() {} }), null)

  test('removes the socket of a process that is gone', async () => {
    const path = join(temporary(), 'of.sock')
    const script = `Bun.listen({unix:${JSON.stringify(path)},socket:{data(){}}}); process.kill(process.pid,'SIGKILL')`
    Bun.spawnSync([process.execPath, '-e', script])
    const listener = await start(path)
    expect(listener.ok).toBe(true)
    if (listener.ok) listener.value.stop()
  })

  test('leaves the socket of a living process alone', async () => {
    const path = join(temporary(), 'of.sock')
    const server = Bun.listen({ unix: path, socket: { data() {} } })
    later(() => server.stop(true))
    expect(await start(path)).toMatchObject({ ok: false, problem: { what: 'is in use by another program' } })
    const socket = await Bun.connect({ unix: path, socket: { data() {} } })
    socket.terminate()
  })

  test('leaves a file alone that is no socket', async () => {
    const path = join(temporary(), 'precious')
    await Bun.write(path, 'data')
    expect(await start(path)).toMatchObject({ ok: false, problem: { where: `--openflow unix:${path}` } })
    expect(await Bun.file(path).text()).toBe('data')
  })
})
