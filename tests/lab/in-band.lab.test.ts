/**
 * Open vSwitch makes hidden flows for its controllers and managers, which no pipeline overrides: ARP and TCP for their
 * addresses pass between all ports. On a bridge that is served there are none, whatever an operator has set.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { demoPlan } from '../../cli/lab/plan.ts'
import { demoRequests } from '../../cli/vnet/demo/network.ts'
import { dhcpFrame, discover } from '../support/dhcp-frames.ts'
import { arp, broadcast, ethernet, ipv4 } from '../support/frames.ts'
import { type Marked, nowhere, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { reaches } from '../support/reach.ts'
import { arriving, sendFrames } from '../support/wire.ts'

const controller = '192.168.10.1'
let network: Network
const ovs = () => network.lab.hypervisor('node1').openVswitch
const machine = (name: string) => network.lab.machine(name)
const hidden = async () =>
  (await ovs().appctl('bridge/dump-flows', 'br0')).split('\n').filter((line) => /priority=18\d{4}/.test(line))

/** What the hidden flows let through, from one tenant's machine to the other's. */
const frames = (): Record<string, Marked> => {
  const [red, blue] = [machine('red1').mac, machine('blue1').mac]
  const syn = `${'c001'}${(6653).toString(16).padStart(4, '0')}${'00'.repeat(8)}5002ffff00000000`
  return {
    'TCP to the controller': (mark) =>
      ethernet(blue, red, 0x0800, ipv4('10.0.0.11', controller, 6, syn + mark)),
    'ARP for the controller': (mark) =>
      ethernet(broadcast, red, 0x0806, arp({ sha: red, spa: '10.0.0.99', tpa: controller }) + mark),
    'ARP as the controller': (mark) =>
      ethernet(
        blue,
        red,
        0x0806,
        arp({ op: 2, sha: red, spa: controller, tha: blue, tpa: '10.0.0.11' }) + mark,
      ),
  }
}
const arrivals = () => whereTheyArrive(machine('red1'), [machine('blue1')], frames())

async function servedAndClosed() {
  await eventually('no hidden flows', async () => (await hidden()).length === 0)
  await eventually('the flows to be there', async () =>
    (await ovs().ofctl('dump-flows', '--no-stats', 'br0')).includes('table=64'),
  )
  expect(await arrivals()).toEqual(nowhere(frames()))
  await reaches(machine('red1'), '10.0.0.12')
  await network.check()
}

beforeAll(async () => {
  network = await startNetwork(demoPlan, [])
  await ovs().vsctl('set-manager', `tcp:${controller}:6640`)
  await ovs().vsctl('set-controller', 'br0', `tcp:${controller}:6653`)
}, 30_000)
afterAll(() => network?.stop())

test('as the control, on a bridge that nobody serves they are there, and a hole between tenants', async () => {
  await eventually('hidden flows', async () => (await hidden()).length > 0)
  const seen = await arrivals()
  expect(Object.values(seen).filter((places) => places.length > 0).length).toBeGreaterThan(0)
})

test('once the bridge is adopted they are gone; rows of the operator stay', async () => {
  await network.host.api('POST', '/batch?wait=applied', demoRequests(demoPlan))
  await Promise.all(['red1', 'red2', 'blue1'].map((name) => machine(name).dhcp()))
  await servedAndClosed()
  expect(await ovs().vsctl('get-controller', 'br0')).toBe(`tcp:${controller}:6653`)
  expect(await ovs().vsctl('get-manager')).toBe(`tcp:${controller}:6640`)
}, 30_000)

test('nor do they come back with another controller, another manager, or a setting put back', async () => {
  await ovs().vsctl('set-controller', 'br0', `tcp:${controller}:6633`, 'ssl:192.168.10.12:6653')
  await servedAndClosed()
  await ovs().vsctl('set-manager', 'tcp:192.168.10.12:6640', 'ptcp:6641')
  await servedAndClosed()
  await ovs().vsctl('remove', 'bridge', 'br0', 'other_config', 'disable-in-band')
  await servedAndClosed()
  await ovs().vsctl('set', 'bridge', 'br0', 'other_config:disable-in-band=false')
  await servedAndClosed()
  await ovs().vsctl('set-fail-mode', 'br0', 'standalone')
  await eventually('secure again', async () => (await ovs().vsctl('get-fail-mode', 'br0')) === 'secure')
  await servedAndClosed()
}, 60_000)

test('removing the controller, which throws all flows away, is made good', async () => {
  await ovs().vsctl('del-controller', 'br0')
  await ovs().vsctl('del-manager')
  await servedAndClosed()
}, 30_000)

test('a bridge that dials in as well is served once: its clients get one answer', async () => {
  const { host } = network
  symlinkSync(join(host.state, 'of.sock'), join(ovs().dir, 'host.sock'))
  await ovs().vsctl('set-controller', 'br0', `unix:${join(ovs().dir, 'host.sock')}`)
  await eventually('the second connection', async () =>
    (await ovs().vsctl('get', 'controller', 'br0', 'is_connected')).includes('true'),
  )
  await servedAndClosed()
  const client = machine('red1')
  const { red1: answers } = await arriving(
    [{ name: 'red1' as const, netns: client.netns }],
    'udp src port 67',
    () => sendFrames(client, [dhcpFrame({ source: client.mac, transactionId: 7, options: discover })]),
  )
  expect(answers).toHaveLength(1)
  await ovs().vsctl('del-controller', 'br0')
  await servedAndClosed()
}, 30_000)
