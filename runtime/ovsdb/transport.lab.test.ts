import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  eventually,
  type OpenVswitch,
  runCommand,
  startOpenVswitch,
} from '../../tests/support/open-vswitch.ts'
import type { TlsFiles } from '../openflow/channel/tls.ts'
import { type OvsdbRig, startOvsdbRig } from './testing.ts'

const dpid = '0x00000000000000e1'
let folder: string
let ovs: OpenVswitch
let rig: OvsdbRig | undefined
const ports = { tcp: 0, ssl: 0 }

/** An authority, and a certificate of it for each name. */
async function makeAuthority(name: string, ...holders: string[]) {
  const openssl = (...args: string[]) => runCommand(['openssl', ...args])
  const file = (holder: string, end: string) => join(folder, `${name}-${holder}.${end}`)
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const keyOf = (holder: string) => ['-keyout', file(holder, 'key'), '-subj', `/CN=${holder}`]
  await openssl('req', '-x509', ...newKey, ...keyOf('ca'), '-days', '2', '-out', file('ca', 'pem'))
  for (const holder of holders) {
    await openssl('req', ...newKey, ...keyOf(holder), '-out', file(holder, 'csr'))
    const authority = ['-CA', file('ca', 'pem'), '-CAkey', file('ca', 'key'), '-CAcreateserial']
    await openssl(
      'x509',
      '-req',
      '-in',
      file(holder, 'csr'),
      ...authority,
      '-days',
      '2',
      '-out',
      file(holder, 'pem'),
    )
  }
}

const pem = (name: string) => readFile(join(folder, name), 'utf8')
const credentials = (of: string, ca = of): TlsFiles => ({
  key: join(folder, `${of}-host.key`),
  cert: join(folder, `${of}-host.pem`),
  ca: join(folder, `${ca}-ca.pem`),
})

async function freePort() {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  await new Promise((closed) => server.close(closed))
  return port
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ovsdb-tls-'))
  await Promise.all([makeAuthority('ours', 'host', 'ovsdb'), makeAuthority('rogue', 'host', 'ovsdb')])
  ports.tcp = await freePort()
  ports.ssl = await freePort()
  const tls = [
    '--private-key',
    join(folder, 'ours-ovsdb.key'),
    '--certificate',
    join(folder, 'ours-ovsdb.pem'),
  ]
  const remotes = [`--remote=ptcp:${ports.tcp}:127.0.0.1`, `--remote=pssl:${ports.ssl}:127.0.0.1`]
  ovs = await startOpenVswitch({
    name: 'tls',
    ovsdbArguments: [...remotes, ...tls, '--ca-cert', join(folder, 'ours-ca.pem')],
  })
  await ovs.vsctl(
    'add-br',
    'br0',
    '--',
    'set',
    'bridge',
    'br0',
    'datapath_type=netdev',
    `other_config:datapath-id=${dpid.slice(2)}`,
  )
}, 20_000)
afterEach(() => rig?.manager.close())
afterAll(async () => {
  await ovs?.stop()
  await rm(folder, { recursive: true, force: true })
})

const problemOf = (rig: OvsdbRig) => eventually('a problem', () => rig.manager.status()[0]!.problem)

test('tcp: adopts, and leaves the dialling to the switch', async () => {
  rig = startOvsdbRig([`tcp:127.0.0.1:${ports.tcp}`], [dpid])
  expect((await rig.secure(dpid)).openflowAddress).toBe(null)
})

test('ssl: with certificates of one authority on both sides', async () => {
  rig = startOvsdbRig([`ssl:127.0.0.1:${ports.ssl}`], [dpid], { tls: credentials('ours') })
  await rig.secure(dpid)
  rig.manager.setTunnelPorts(dpid, [{ name: 'gre0', type: 'gre', options: { remote_ip: 'flow' } }])
  await eventually('a tunnel port', () => rig!.port(dpid, 'gre0')?.portNumber)
  await ovs.killOvsdb()
  await ovs.startOvsdb()
  await ovs.vsctl('--no-wait', 'set', 'interface', 'br0', 'external_ids:iface-id=again')
  await eventually('the reconnection', () => rig!.port(dpid, 'br0')?.ifaceId === 'again')
})

test('ssl: a server of another authority is sent nothing', async () => {
  const received: Uint8Array[] = []
  const rogue = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    tls: { key: await pem('rogue-ovsdb.key'), cert: await pem('rogue-ovsdb.pem') },
    socket: { data: (_, bytes) => void received.push(bytes) },
  })
  try {
    rig = startOvsdbRig([`ssl:127.0.0.1:${rogue.port}`], [dpid], { tls: credentials('ours') })
    expect(await problemOf(rig)).toMatch(/CERT|verify/i)
    expect(received).toEqual([])
  } finally {
    rogue.stop(true)
  }
})

test('ssl: a server that speaks no TLS, and one that refuses our certificate, are problems', async () => {
  rig = startOvsdbRig([`ssl:127.0.0.1:${ports.tcp}`], [dpid], { tls: credentials('ours') })
  await problemOf(rig)
  rig.manager.close()
  rig = startOvsdbRig([`ssl:127.0.0.1:${ports.ssl}`], [dpid], { tls: credentials('rogue', 'ours') })
  await problemOf(rig)
  await Bun.sleep(50)
  expect(rig.bridges.size).toBe(0)
})

test('ssl: a file that is missing is named', async () => {
  const tls = { ...credentials('ours'), cert: join(folder, 'nothere.pem') }
  rig = startOvsdbRig([`ssl:127.0.0.1:${ports.ssl}`], [dpid], { tls })
  expect(await problemOf(rig)).toContain('nothere.pem')
})

test('ssl: without credentials says what to give', async () => {
  rig = startOvsdbRig([`ssl:127.0.0.1:${ports.ssl}`], [dpid])
  expect(await problemOf(rig)).toContain('--tls-key')
})

test('one that is away costs the others nothing', async () => {
  const here = [`tcp:127.0.0.1:${ports.tcp}`, `unix:${ovs.dbSocket}`]
  const addresses = [`unix:${ovs.dir}/nothere.sock`, `tcp:127.0.0.1:${await freePort()}`, ...here]
  rig = startOvsdbRig(addresses, [dpid])
  // The same bridge by two ways is one bridge, and the way that can be dialled is taken.
  await eventually(
    'the way to dial',
    () => rig!.bridges.get(dpid)?.openflowAddress === `unix:${ovs.dir}/br0.mgmt`,
  )
  await eventually('both ways', () => rig!.manager.status().filter(({ connected }) => connected).length === 2)
  expect(rig.alarms).toEqual([])
  expect(rig.manager.status().map(({ problem }) => problem === null)).toEqual([false, false, true, true])
  expect(await rig.manager.whenSynced(20)).toBe(false)
})
