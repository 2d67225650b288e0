import { afterAll, describe, expect, test } from 'bun:test'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '../../../tests/support/open-vswitch.ts'
import { FakeSwitch } from './testing.ts'
import { createAuthority } from './testing-certificates.ts'
import { startChannel } from './testing-channel.ts'
import { useLater } from './testing-session.ts'
import { readTls, type TlsFiles, type TlsMaterial } from './tls.ts'

const later = useLater()
const folder = mkdtempSync(`/tmp/ovt-${process.pid}-tls-`)
const before = createAuthority('before')
const after = createAuthority('after')
afterAll(() => {
  before.remove()
  after.remove()
  rmSync(folder, { recursive: true, force: true })
})

const files: TlsFiles = { key: join(folder, 'key'), cert: join(folder, 'cert'), ca: join(folder, 'ca') }
const put = (from: TlsFiles) => {
  for (const one of ['key', 'cert', 'ca'] as const) copyFileSync(from[one], files[one])
}
async function material(of: TlsFiles): Promise<TlsMaterial> {
  const read = await readTls(of)
  if (!read.ok) throw new Error(read.problem.what)
  return read.value
}
const start = (options = {}) =>
  startChannel(later, { tls: files, limits: { tlsCheckMs: 20, dialDelayRemoteMaxMs: 50 }, ...options })

describe('TLS files that are renewed while the host runs', () => {
  test('count for switches that dial in from then on; who is connected stays', async () => {
    put(before.issue('vnet-host'))
    const { at, joined } = await start({ listen: ['ssl:127.0.0.1:0'] })
    const first = await FakeSwitch.connect(at, {
      datapathId: 0xa1n,
      tls: await material(before.issue('00000000000000a1')),
    })
    await eventually('the first to be served', () => joined.length === 1)
    const tls = await material(after.issue('00000000000000a2'))
    const tooEarly = await FakeSwitch.connect(at, { datapathId: 0xa2n, tls })
    await tooEarly.whenClosed()
    // Not a pair: nothing changes.
    writeFileSync(files.key, tls.key)
    await Bun.sleep(100)
    put(after.issue('vnet-host'))
    await eventually('the second to be served', async () => {
      if (joined.length < 2) await FakeSwitch.connect(at, { datapathId: 0xa2n, tls }).catch(() => {})
      await Bun.sleep(50)
      return joined.length === 2
    })
    expect(first.closed).toBe(false)
    expect((await joined[0]!.barrier()).ok).toBe(true)
  })

  test('count for switches that are dialled from then on', async () => {
    put(before.issue('vnet-host'))
    const fake = new FakeSwitch({ datapathId: 0xa3n, tls: await material(before.issue('x')) })
    const switchTls = await material(after.issue('00000000000000a3'))
    const server = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: fake.handler(),
      data: undefined,
      tls: { ...switchTls, requestCert: true, rejectUnauthorized: true },
    })
    later(() => server.stop(true))
    const { joined } = await start({ listen: [], dial: [`ssl:127.0.0.1:${server.port}`] })
    await Bun.sleep(200)
    expect(joined).toEqual([])
    put(after.issue('vnet-host'))
    await eventually('the switch to be served', () => joined.length === 1)
  })
})
