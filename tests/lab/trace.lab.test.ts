/** The way of packets, held against what Open vSwitch says of them switch by switch, and against what arrives. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { main } from '../../cli/vnctl/main.ts'
import type { Trace } from '../../runtime/http/answers/trace.ts'
import { agreedTrace } from '../support/agreed-trace.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { isSilent, reaches } from '../support/reach.ts'

let network: Network
beforeAll(async () => {
  network = await startNetwork()
  await network.check()
  await Promise.all(network.lab.machines.map((one) => one.dhcp()))
  await network.host.api('POST', '/batch?wait=applied', routed)
})
afterAll(() => network?.stop())

const machine = (name: string) => network.lab.machine(name)
const post = (path: string, body: object) => ({ method: 'POST', path, body })

/** A second network of the red tenant, with a machine that is nowhere, and a router between the two. */
const routed = [
  post('/networks', { uuid: 'nw-far', mode: 'virtual', ipv4_network: '10.0.1.0', ipv4_prefix: 24 }),
  ...['node1', 'node2', 'node3'].map((node) =>
    post(`/datapaths/dp-${node}/networks/nw-far`, { interface_uuid: `if-${node}` }),
  ),
  ...[
    ['red', '0.1', '0a'],
    ['far', '1.1', '0b'],
  ].map(([name, address, mac]) =>
    post('/interfaces', {
      ...{ uuid: `if-gw${name}`, mode: 'simulated', enable_routing: true, network_uuid: `nw-${name}` },
      ...{ mac_address: `02:00:00:00:${mac}:01`, ipv4_address: `10.0.${address}` },
    }),
  ),
  post('/route_links', { uuid: 'rl-a' }),
  ...[
    ['red', '10.0.0.0'],
    ['far', '10.0.1.0'],
  ].map(([name, ipv4_network]) =>
    post('/routes', {
      interface_uuid: `if-gw${name}`,
      network_uuid: `nw-${name}`,
      route_link_uuid: 'rl-a',
      ipv4_network,
    }),
  ),
]

const trace = (interface_uuid: string, packet: string, ct?: string) =>
  network.host.api<Trace>('POST', '/trace', { interface_uuid, packet, ...(ct === undefined ? {} : { ct }) })

const agreed = (interface_uuid: string, packet: string) => agreedTrace(network, interface_uuid, packet)

const outcomes = ({ hops }: Trace) => hops.flatMap(({ ends }) => ends.map(({ outcome }) => outcome))
const where = ({ hops }: Trace) => hops.map(({ datapath_uuid }) => datapath_uuid)

test('over the wire and through a tunnel, to the machine that has the address', async () => {
  await reaches(machine('red1'), '10.0.0.12')
  await reaches(machine('red1'), '10.0.0.13')
  const wire = await agreed('if-red1', 'icmp,ipv4_dst=10.0.0.12')
  expect(wire.packet).toContain(`eth_dst=${machine('red2').mac}`)
  expect([where(wire), wire.delivered_to]).toEqual([['dp-node1', 'dp-node2'], ['if-red2']])
  expect(wire.hops[0]!.ends).toMatchObject([
    { outcome: 'sent_on', network_uuid: 'nw-physa', port_name: 'eth0' },
  ])
  const tunnel = await agreed('if-red1', 'ipv4_dst=10.0.0.13')
  expect([where(tunnel), tunnel.delivered_to]).toEqual([['dp-node1', 'dp-node3'], ['if-red3']])
  expect(tunnel.hops[1]!.packet).toContain('tunnel_id=')
  // The same addresses in the other tenant lead elsewhere.
  expect((await agreed('if-blue1', 'icmp,ipv4_dst=10.0.0.12')).delivered_to).toEqual(['if-blue2'])
  expect((await agreed('if-red3', 'udp,dst=10.0.0.11,dst_port=5000')).delivered_to).toEqual(['if-red1'])
}, 30_000)

test('what is answered here comes back; what a function answers is handed to it; a broadcast is copied to all', async () => {
  const arp = await agreed('if-red1', 'arp,arp_tpa=10.0.0.12')
  expect([arp.delivered_to, arp.hops[0]!.ends[0]!.packet]).toEqual([
    ['if-red1'],
    expect.stringContaining('arp_op=2'),
  ])
  expect((await agreed('if-red1', 'icmp,ipv4_dst=10.0.0.2')).delivered_to).toEqual(['if-red1'])
  const dhcp = await agreed(
    'if-red1',
    'udp,ipv4_src=0.0.0.0,ipv4_dst=255.255.255.255,src_port=68,dst_port=67',
  )
  expect(dhcp.hops[0]!.ends).toMatchObject([{ outcome: 'punted', function: 'dhcp' }])
  const broadcast = await agreed('if-red1', 'udp,dst=10.0.0.255,eth_dst=ff:ff:ff:ff:ff:ff,dst_port=7777')
  expect([where(broadcast).sort(), broadcast.delivered_to.toSorted()]).toEqual([
    ['dp-node1', 'dp-node2', 'dp-node3'],
    ['if-red2', 'if-red3'],
  ])
}, 30_000)

test('what does not pass says which rule it was', async () => {
  const spoofed = await agreed('if-red1', 'icmp,ipv4_src=10.0.0.99,ipv4_dst=10.0.0.12')
  expect(outcomes(spoofed)).toEqual(['dropped'])
  expect(spoofed.hops[0]!.ends[0]!.reason).toBe(
    'antiSpoof: no flow matches: interfaces send with their own addresses only (sent there by port if-red1)',
  )
  const nobody = await agreed('if-red1', 'icmp,ipv4_dst=10.0.0.50,eth_dst=52:54:00:00:99:99')
  expect(nobody.hops[0]!.ends[0]!.reason).toStartWith('destination: ')
  expect(nobody.delivered_to).toEqual([])
  expect(await isSilent(machine('red1'), '10.0.0.50')).toBe(true)
}, 30_000)

test('through a router: to the next network, and to the function that answers where there is no way', async () => {
  const router = await agreed('if-red1', 'icmp,ipv4_dst=10.0.1.1')
  expect(router.delivered_to).toEqual(['if-red1'])
  const late = await agreed('if-red1', 'icmp,ipv4_dst=10.0.1.1,ttl=1,eth_dst=02:00:00:00:0a:01')
  expect(late.hops[0]!.steps.some(({ table }) => table === 'router')).toBe(true)
  const unknown = await agreed('if-red1', 'icmp,ipv4_dst=10.0.1.50')
  expect(unknown.hops[0]!.ends).toMatchObject([{ outcome: 'punted', function: 'icmp' }])
}, 30_000)

test('it follows the state at once, and vnctl tells it in words', async () => {
  const { host } = network
  await host.api('PUT', '/interfaces/if-red2?wait=applied', { enable_filtering: true })
  const filtered = await trace('if-red1', 'icmp,ipv4_dst=10.0.0.12')
  await host.api('PUT', '/interfaces/if-red2?wait=applied', { enable_filtering: false })
  expect(filtered.delivered_to).toEqual([])
  let out = ''
  let error = ''
  const streams = { out: (text: string) => void (out += text), error: (text: string) => void (error += text) }
  const vnctl = (...words: string[]) => main([...words, '--api', host.apiUrl], {}, false, streams)
  expect(await vnctl('trace', 'if-red1', 'icmp,dst=10.0.0.12')).toBe(0)
  expect(out).toContain('dp-node1, in by red1 (port ')
  expect(out).toMatch(/ 64 destination +100 network=nw-red eth_dst=\S+ → peer=dp-node2, .*\(member if-red2\)/)
  expect(out).toEndWith('Delivered to if-red2.\n')
  out = ''
  expect(await vnctl('trace', 'if-none', 'icmp,dst=10.0.0.12')).toBe(1)
  expect(error).toContain('there is no interface if-none')
  // A port stands for its interface, if it is one of one.
  expect(await vnctl('trace', 'red1', 'icmp,dst=10.0.0.12')).toBe(0)
  expect(out).toEndWith('Delivered to if-red2.\n')
  expect(await vnctl('trace', 'reddhcp', 'icmp,dst=10.0.0.12')).toBe(1)
  expect(error).toContain('there is no interface reddhcp, did you mean if-reddhcp?')
  expect(await vnctl('trace', 'eth0', 'icmp,dst=10.0.0.12')).toBe(1)
  expect(error).toContain('eth0 is a port of if-node1, if-node2, if-node3: say which of them')
}, 30_000)

test.each([
  ['if-red1', 'icmp', 'ipv4_dst is missing'],
  ['if-red1', 'icmp,ipv4_dst=10.0.0', 'ipv4_dst cannot be'],
  ['if-red1', 'icmp,dest=1', 'there is no field dest'],
  ['if-red1', 'ping', 'what is ping?'],
  ['if-red1', 'eth_dst=ff:ff:ff:ff:ff:ff', 'of which kind?'],
  ['if-reddhcp', 'icmp,ipv4_dst=10.0.0.11', 'plugged in nowhere'],
  ['if-blue1', 'icmp,ipv4_dst=8.8.8.8', 'there is no router'],
])('%s %s is refused with what is wrong', async (interface_uuid, packet, message) => {
  const { status, answer } = await network.host.request('POST', '/trace', { interface_uuid, packet })
  expect([status, (answer as { message: string }).message]).toEqual([400, expect.stringContaining(message)])
})
