/** Switches that connect to the host by themselves, over each kind of socket, with and without an OVSDB that it can read. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Lab, startLab } from '../../cli/lab/lab.ts'
import type { LabPlan } from '../../cli/lab/plan.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import { type Authority, createAuthority } from '../../runtime/openflow/channel/testing-certificates.ts'
import { type HostProcess, startHostProcess } from '../support/host-process.ts'
import { eventually } from '../support/open-vswitch.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { planOf } from './flows/plan.ts'

/** Long enough for a switch to connect, which tries every second, and for a host to do what it should not. */
const patienceMs = 1_500
const reconnectMs = 15_000

const plan: LabPlan = planOf({ node1: ['red1', 'red4'], node2: ['red2'] })
const requests = [
  ...demoRequests(plan),
  // A second machine of red on node 1: the demo's requests give each hypervisor's machines one address.
].filter(({ body }) => body['uuid'] !== 'if-red4')
const red4 = {
  uuid: 'if-red4',
  mode: 'vif',
  port_name: 'red4',
  network_uuid: 'nw-red',
  mac_address: '52:54:00:01:00:01',
  ipv4_address: '10.0.0.44',
}

let lab: Lab
let host: HostProcess
let authority: Authority
const ovs = (node = 'node1') => lab.hypervisor(node).openVswitch
const flows = async (node = 'node1') => (await ovs(node).ofctl('dump-flows', '--no-stats', 'br0')).trim()
const theirs = 'priority=7,ip actions=drop'
const log = () => readFileSync(host.logFile, 'utf8')
const connected = async () =>
  await host.api<{ connected: boolean; peer: string | null }>('GET', '/datapaths/dp-node1/status')

const served = (peer: string) =>
  eventually(
    `node1 to be served at ${peer}`,
    async () => {
      const status = await connected()
      return status.connected && (status.peer ?? '').startsWith(peer)
    },
    reconnectMs,
  )

/** A bridge with somebody's flow, and one way to the host. */
async function dialsIn(target: string): Promise<void> {
  await ovs().vsctl('set-controller', 'br0', target)
  await ovs().vsctl('set', 'controller', 'br0', 'max_backoff=1000')
}

beforeAll(async () => {
  lab = await startLab(plan)
  authority = createAuthority('lab')
  const { key, cert, ca } = authority.issue('host')
  // OVSDBs that the host cannot read: it knows these switches by what they say themselves.
  host = await startHostProcess({
    netns: ovs().netns,
    ovsdb: [`unix:${join(ovs().dir, 'none.sock')}`],
    arguments: [
      ...['--openflow', 'tcp:127.0.0.1:6653', '--openflow', 'ssl:127.0.0.1:6654'],
      ...['--openflow', `unix:${join(ovs().dir, 'host.sock')}`],
      ...['--tls-key', key, '--tls-cert', cert, '--tls-ca', ca],
    ],
  })
  // Open vSwitch connects to sockets of its own folder only.
  symlinkSync(join(ovs().dir, 'host.sock'), join(ovs('node2').dir, 'host.sock'))
  await host.api('POST', '/batch', [...requests, { method: 'POST', path: '/interfaces', body: red4 }])
}, 60_000)
afterAll(async () => {
  await host?.remove()
  await lab?.stop()
  authority?.remove()
})

test('a switch whose fail mode nobody vouches for is refused, and keeps its flows', async () => {
  await dialsIn(`unix:${join(ovs().dir, 'host.sock')}`)
  await ovs().ofctl('add-flow', 'br0', theirs.replace(' ', ','))
  await Bun.sleep(patienceMs)
  expect(await flows()).toBe(theirs)
  expect((await connected()).connected).toBe(false)
  expect(log()).toContain('trusted_fail_mode')
}, 30_000)

test('with trusted_fail_mode it is served, and no longer when that is taken back', async () => {
  await host.api('PUT', '/datapaths/dp-node1', { trusted_fail_mode: true })
  await served('unix:')
  const [one, four] = [lab.machine('red1'), lab.machine('red4')]
  expect((await one.dhcp()).address).toBe('10.0.0.11')
  expect((await four.dhcp()).address).toBe('10.0.0.44')
  await reaches(one, '10.0.0.44')
  expect(await flows()).not.toContain(theirs)
  expect(await host.differences()).toEqual([])

  await host.api('PUT', '/datapaths/dp-node1', { trusted_fail_mode: false })
  await eventually('node1 to be let go', async () => !(await connected()).connected)
  const before = await flows()
  await Bun.sleep(patienceMs)
  expect(await flows()).toBe(before)
  await reaches(one, '10.0.0.44')
  await host.api('PUT', '/datapaths/dp-node1', { trusted_fail_mode: true })
  await served('unix:')
}, 60_000)

test('ports that only OpenFlow tells of are followed', async () => {
  await ovs().vsctl('del-port', 'br0', 'red4')
  await eventually('red4 to be silent', () => isSilent(lab.machine('red1'), '10.0.0.44'))
  await reaches(lab.machine('red1'), '10.0.0.2')
  await ovs().vsctl('add-port', 'br0', 'red4')
  await reaches(lab.machine('red1'), '10.0.0.44')
  expect(await host.differences()).toEqual([])
}, 30_000)

test('by TCP, and by TLS under its own id or its node’s', async () => {
  await dialsIn('tcp:127.0.0.1:6653')
  await served('tcp:')
  await reaches(lab.machine('red1'), '10.0.0.44')
  for (const name of ['0000000000000001', 'node1']) {
    const { key, cert, ca } = authority.issue(name)
    await dialsIn('tcp:127.0.0.1:1')
    await eventually('node1 to be gone', async () => !(await connected()).connected, reconnectMs)
    await ovs().vsctl('set-ssl', key, cert, ca)
    await dialsIn('ssl:127.0.0.1:6654')
    await served('ssl:')
    await reaches(lab.machine('red1'), '10.0.0.44')
  }
  expect(await host.differences()).toEqual([])
}, 60_000)

test('with the certificate of another, or of another authority, it is refused and keeps its flows', async () => {
  const strangers = createAuthority('strangers')
  try {
    const wrong = [
      authority.issue('0000000000000002'),
      authority.issue('node2'),
      strangers.issue('0000000000000001'),
    ]
    for (const { key, cert } of wrong) {
      await dialsIn('tcp:127.0.0.1:1')
      await eventually('node1 to be gone', async () => !(await connected()).connected, reconnectMs)
      await ovs().vsctl('set-ssl', key, cert, authority.certificate)
      await dialsIn('ssl:127.0.0.1:6654')
      await ovs().ofctl('add-flow', 'br0', theirs.replace(' ', ','))
      await Bun.sleep(patienceMs)
      expect((await connected()).connected).toBe(false)
      expect(await flows()).toContain(theirs)
    }
  } finally {
    strangers.remove()
  }
  await dialsIn('tcp:127.0.0.1:6653')
  await served('tcp:')
  await eventually('what is not ours to go', async () => !(await flows()).includes(theirs))
}, 60_000)

test('a second switch that claims the same id changes nothing for the first, and keeps its own flows', async () => {
  await ovs('node2').vsctl(
    ...['set', 'bridge', 'br0', 'other_config:datapath-id=0000000000000001'],
    ...['--', 'set-controller', 'br0', `unix:${join(ovs('node2').dir, 'host.sock')}`],
  )
  await ovs('node2').ofctl('add-flow', 'br0', theirs.replace(' ', ','))
  const { peer } = await connected()
  expect(peer).not.toBeNull()
  await Bun.sleep(patienceMs)
  expect(await flows('node2')).toBe(theirs)
  expect(await connected()).toMatchObject({ connected: true, peer })
  await reaches(lab.machine('red1'), '10.0.0.44')
  expect(await host.differences()).toEqual([])
  // As the control: under its own id it is served over that very connection.
  await ovs('node2').vsctl('set', 'bridge', 'br0', 'other_config:datapath-id=0000000000000002')
  await host.api('PUT', '/datapaths/dp-node2', { trusted_fail_mode: true })
  await eventually('node2 to be served', async () => !(await flows('node2')).includes(theirs), reconnectMs)
  await lab.machine('red2').dhcp()
  await reaches(lab.machine('red2'), '10.0.0.11')
  expect(await host.differences()).toEqual([])
}, 60_000)
