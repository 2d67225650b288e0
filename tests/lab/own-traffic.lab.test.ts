/** What hypervisors themselves send and receive on the physical port in their bridge: everything, as if there were no bridge. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { ipBatch } from '../../cli/lab/namespaces.ts'
import { broadcast, datagram, ethernet } from '../support/frames.ts'
import { type Marked, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { lossDuring } from '../support/stream.ts'
import { transfer } from '../support/tcp.ts'
import type { Place } from '../support/wire.ts'

let network: Network
const netnsOf = (node: string) => network.lab.hypervisor(node).openVswitch.netns
const host = (node: string): Place => ({ name: `host ${node}`, netns: netnsOf(node), device: 'br0' })
const exec = (node: string, ...command: string[]) => network.lab.hypervisor(node).openVswitch.exec(...command)
const hostMac = (n: number) => `02:00:00:00:00:0${n}`
const switchOf = (subnet: string): Place => ({
  name: 'switch',
  netns: network.lab.fabric,
  device: `sw-${subnet}`,
})

beforeAll(async () => {
  network = await startNetwork()
  await Promise.all(network.lab.machines.map((machine) => machine.dhcp()))
})
afterAll(() => network?.stop())
afterEach(() => network.check())

test('streams of bytes, on one physical network and across the router', async () => {
  await transfer(host('node1'), host('node2'), '192.168.10.12', 8e6)
  await transfer(host('node1'), host('node3'), '192.168.20.13', 8e6)
}, 60_000)

test('packets of the full size, and fragments', async () => {
  await exec('node1', 'ping', '-n', '-c', '2', '-W', '1', '-M', 'do', '-s', '1472', '192.168.20.13')
  await exec('node1', 'ping', '-n', '-c', '2', '-W', '1', '-s', '6000', '192.168.10.12')
})

test('IPv6, which machines may not send', async () => {
  for (const [n, node] of ['node1', 'node2'].entries()) {
    await exec(node, 'sysctl', '-q', '-w', 'net.ipv6.conf.br0.disable_ipv6=0')
    await ipBatch(netnsOf(node), [`address add fd00::${n + 1}/64 dev br0 nodad`])
  }
  await exec('node1', 'ping', '-n', '-c', '2', '-W', '2', 'fd00::2')
})

test('broadcasts and protocols of switches come in, to the hypervisors and to nobody else', async () => {
  const foreign = '52:54:00:99:99:99'
  const other =
    (destination: string, type: number, payload: string): Marked =>
    (mark) =>
      ethernet(destination, foreign, type, payload + mark)
  const frames: Record<string, Marked> = {
    broadcast: (mark) =>
      datagram([broadcast, foreign], '192.168.10.99', '192.168.10.255', [7777, 7777], mark),
    multicast: (mark) =>
      datagram(['01:00:5e:00:00:fb', foreign], '192.168.10.99', '224.0.0.251', [7777, 7777], mark),
    'the answer of a DHCP server': (mark) =>
      datagram([hostMac(1), foreign], '192.168.10.1', '192.168.10.11', [67, 68], mark),
    'a made-up protocol': other(broadcast, 0x88b5, ''),
    'a tagged broadcast': other(broadcast, 0x8100, '00c888b5'),
  }
  const places = [...network.lab.machines, host('node1'), host('node2'), host('node3')]
  const both = ['host node1', 'host node2']
  expect(await whereTheyArrive(switchOf('a'), places, frames)).toEqual({
    broadcast: both,
    multicast: both,
    'the answer of a DHCP server': ['host node1'],
    'a made-up protocol': both,
    'a tagged broadcast': both,
  })
})

test('what they send as DHCP clients, tagged, or with any other MAC goes out, and to no machine', async () => {
  const wire = { name: 'wire', netns: network.lab.fabric, device: 'node1' }
  const frames: Record<string, Marked> = {
    'DHCP client': (mark) => datagram([broadcast, hostMac(1)], '0.0.0.0', '255.255.255.255', [68, 67], mark),
    'another MAC': (mark) =>
      datagram([hostMac(2), '52:54:00:77:77:77'], '192.168.10.11', '192.168.10.12', [7777, 7777], mark),
    tagged: (mark) => ethernet(hostMac(2), hostMac(1), 0x8100, `00c888b5${mark}`),
  }
  const places = [...network.lab.machines, wire, host('node2'), host('node3')]
  expect(await whereTheyArrive(host('node1'), places, frames)).toEqual({
    'DHCP client': ['wire', 'host node2'],
    'another MAC': ['wire', 'host node2'],
    tagged: ['wire', 'host node2'],
  })
})

test('none of it is lost when the host restarts', async () => {
  const node1 = { ...host('node1'), netns: netnsOf('node1') }
  const loss = await lossDuring(node1, '192.168.20.13', async () => {
    await network.host.kill9()
    await network.host.start()
    await network.check()
  })
  expect(loss.sent).toBeGreaterThan(200)
  expect(loss.lost).toBe(0)
}, 30_000)
