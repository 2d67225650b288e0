import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { freePort } from '../../tests/support/free-port.ts'
import { eventually, type OpenVswitch, startOpenVswitch } from '../../tests/support/open-vswitch.ts'
import { createAuthority } from '../openflow/channel/testing-certificates.ts'
import { type OvsdbRig, startOvsdbRig } from './testing.ts'

const dpid = '0x00000000000000e1'
const ours = createAuthority('ours')
const rogue = createAuthority('rogue')
const tls = ours.issue('host')
let ovs: OpenVswitch
let rig: OvsdbRig | undefined
const ports = { tcp: 0, ssl: 0 }

beforeAll(async () => {
  ports.tcp = freePort()
  ports.ssl = freePort()
  const { key, cert, ca } = ours.issue('ovsdb')
  const remotes = [`--remote=ptcp:${ports.tcp}:127.0.0.1`, `--remote=pssl:${ports.ssl}:127.0.0.1`]
  ovs = await startOpenVswitch({
    name: 'tls',
    ovsdbArguments: [...remotes, '--private-key', key, '--certificate', cert, '--ca-cert', ca],
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
  ours.remove()
  rogue.remove()
})

const problemOf = (rig: OvsdbRig) => eventually('a problem', () => rig.manager.status()[0]!.problem)

test('tcp: adopts, and leaves the dialling to the switch', async () => {
  rig = startOvsdbRig([`tcp:127.0.0.1:${ports.tcp}`], [dpid])
  expect((await rig.secure(dpid)).openflowAddress).toBe(null)
})

test('ssl: with certificates of one authority on both sides', async () => {
  rig = startOvsdbRig([`ssl:127.0.0.1:${ports.ssl}`], [dpid], { tls })
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
  const { key, cert } = rogue.issue('ovsdb')
  const server = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    tls: { key: Bun.file(key), cert: Bun.file(cert) },
    socket: { data: (_, bytes) => void received.push(bytes) },
  })
  try {
    rig = startOvsdbRig([`ssl:127.0.0.1:${server.port}`], [dpid], { tls })
    expect(await problemOf(rig)).toMatch(/CERT|verify/i)
    expect(received).toEqual([])
  } finally {
    server.stop(true)
  }
})

test('ssl: a server that speaks no TLS, and one that refuses our certificate, are problems', async () => {
  rig = startOvsdbRig([`ssl:127.0.0.1:${ports.tcp}`], [dpid], { tls })
  await problemOf(rig)
  rig.manager.close()
  rig = startOvsdbRig([`ssl:127.0.0.1:${ports.ssl}`], [dpid], {
    tls: { ...rogue.issue('host'), ca: ours.certificate },
  })
  await problemOf(rig)
  await Bun.sleep(50)
  expect(rig.bridges.size).toBe(0)
})

test('ssl: a file that is missing is named', async () => {
  const missing = { ...tls, cert: `${tls.cert}.nothere` }
  rig = startOvsdbRig([`ssl:127.0.0.1:${ports.ssl}`], [dpid], { tls: missing })
  expect(await problemOf(rig)).toContain('.nothere')
})

test('ssl: without credentials says what to give', async () => {
  rig = startOvsdbRig([`ssl:127.0.0.1:${ports.ssl}`], [dpid])
  expect(await problemOf(rig)).toContain('--tls-key')
})

test('one that is away costs the others nothing', async () => {
  const here = [`tcp:127.0.0.1:${ports.tcp}`, `unix:${ovs.dbSocket}`]
  const addresses = [`unix:${ovs.dir}/nothere.sock`, `tcp:127.0.0.1:${freePort()}`, ...here]
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
