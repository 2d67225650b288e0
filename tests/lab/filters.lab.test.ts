/**
 * Filters as OpenVNet has them: nothing passes by itself, ARP and DHCP neither; pass, drop and conn, to the interface and
 * from it; on the same hypervisor, over the wire, through a tunnel.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { datagram } from '../support/frames.ts'
import { whereTheyArrive } from '../support/marked.ts'
import type { Network } from '../support/network.ts'
import { addresses, type Name, startRoutedNetwork } from '../support/routed-network.ts'
import { heardBy, hold, type Served, type Service, serve } from '../support/talk.ts'

let network: Network
const served: Served[] = []
const machine = (name: Name) => network.lab.machine(name)
const services: readonly Service[] = ['tcp:22', 'tcp:80', 'udp:53', 'udp:5000']
const all = ['icmp', ...services]
const others = ['red1', 'green2', 'green3'] as const
const filtered = 'green1'

/** Packets obey once Open vSwitch has looked at its caches again. */
async function change(method: string, path: string, body?: object): Promise<void> {
  await network.host.api(method, `${path}?wait=applied`, body)
  await network.lab.hypervisor('node1').openVswitch.appctl('revalidator/wait')
}
const rule = (method: 'POST' | 'DELETE', values: object) => change(method, '/filters/fil-1/static', values)

/** Green 1 has filters; red 1 is behind the router, green 2 over the wire, green 3 through a tunnel. */
beforeAll(async () => {
  network = await startRoutedNetwork()
  for (const name of [filtered, ...others] as const) served.push(await serve(machine(name), services))
  for (const name of others) expect(await hears(filtered, name, all)).toEqual(all)
  await change('PUT', '/interfaces/if-green1', { enable_filtering: true })
}, 60_000)
afterAll(async () => {
  for (const one of served) await one.stop()
  await network?.stop()
})
afterEach(() => network.check())

/** What one gets through to of another. */
const hears = (to: Name, from: Name, expected: readonly string[]) =>
  heardBy(machine(from), addresses[to], services, expected)
const asks = () =>
  machine(filtered)
    .exec('arping', '-c', '1', '-w', '1', '-I', 'eth0', addresses.green2)
    .then(
      () => true,
      () => false,
    )
const leases = () =>
  machine(filtered)
    .exec('udhcpc', '-i', 'eth0', '-f', '-n', '-q', '-s', '/bin/true', '-t', '1', '-T', '1', '-A', '1')
    .then(
      () => true,
      () => false,
    )

test('nothing passes by itself, to it or from it: ARP and DHCP neither', async () => {
  for (const name of others)
    expect([await hears(filtered, name, []), await hears(name, filtered, [])]).toEqual([[], []])
  expect([await asks(), await leases()]).toEqual([false, false])
  await change('POST', '/filters', { uuid: 'fil-1', interface_uuid: 'if-green1', mode: 'static' })
  expect([await hears(filtered, 'green2', []), await asks()]).toEqual([[], false])
}, 60_000)

test('what no rule is about passes as each direction is told', async () => {
  await change('PUT', '/filters/fil-1', { egress_passthrough: true })
  expect([await asks(), await leases()]).toEqual([true, true])
  expect(await hears(filtered, 'green2', [])).toEqual([])
  // It speaks, and hears no answer.
  expect(await hears('green2', filtered, [])).toEqual([])
  await change('PUT', '/filters/fil-1', { ingress_passthrough: true })
  for (const name of others)
    expect([await hears(filtered, name, all), await hears(name, filtered, all)]).toEqual([all, all])
}, 60_000)

test('what is dropped is dropped both ways; the longer destination decides, then the port, then the source', async () => {
  await rule('POST', { protocol: 'tcp', action: 'drop', dst_port: 80 })
  expect(await hears(filtered, 'green2', ['icmp', 'tcp:22', 'udp:53', 'udp:5000'])).toEqual([
    'icmp',
    'tcp:22',
    'udp:53',
    'udp:5000',
  ])
  await rule('POST', { protocol: 'ip', action: 'drop', dst_address: '10.2.0.0/24' })
  expect(await hears(filtered, 'green3', [])).toEqual([])
  await rule('POST', { protocol: 'udp', action: 'pass', dst_address: '10.2.0.0/24', dst_port: 53 })
  expect(await hears(filtered, 'green3', ['udp:53'])).toEqual(['udp:53'])
  await rule('POST', {
    protocol: 'icmp',
    action: 'pass',
    dst_address: '10.2.0.11',
    src_address: '10.1.0.0/24',
  })
  expect(await hears(filtered, 'red1', ['icmp', 'udp:53'])).toEqual(['icmp', 'udp:53'])
  expect(await hears('red1', filtered, ['icmp'])).toEqual(['icmp'])
  expect(await hears('green2', filtered, [])).toEqual([])
}, 60_000)

test('conn lets it ask and hear answers, as long as the rule is there; nobody else begins', async () => {
  await change('DELETE', '/filters/fil-1')
  await change('POST', '/filters', { uuid: 'fil-1', interface_uuid: 'if-green1', mode: 'static' })
  await rule('POST', { protocol: 'arp', action: 'pass' })
  for (const protocol of ['tcp', 'udp', 'icmp']) await rule('POST', { protocol, action: 'conn' })
  for (const name of others) {
    expect(await hears(name, filtered, all)).toEqual(all)
    expect(await hears(filtered, name, [])).toEqual([])
  }
  const [tcp, udp] = [
    await hold(machine(filtered), addresses.green3, 'tcp:80'),
    await hold(machine(filtered), addresses.red1, 'udp:5000'),
  ]
  try {
    await network.host.kill9()
    await tcp.isAlive()
    await udp.isAlive()
    await network.host.start()
    await rule('DELETE', { protocol: 'udp' })
    await udp.isDead()
    await tcp.isAlive()
  } finally {
    await tcp.stop()
    await udp.stop()
  }
}, 60_000)

test('filters and security groups both have to let a packet pass', async () => {
  await change('PUT', '/filters/fil-1', { ingress_passthrough: true, egress_passthrough: true })
  await change('POST', '/security_groups', {
    uuid: 'sg-1',
    display_name: '',
    rules: 'tcp:80:0.0.0.0/0,udp:53:0.0.0.0/0',
  })
  await change('POST', '/security_groups/sg-1/interfaces/if-green1')
  await change('PUT', '/interfaces/if-green1', { ingress_filtering_enabled: true })
  expect(await hears(filtered, 'green2', ['tcp:80', 'udp:53'])).toEqual(['tcp:80', 'udp:53'])
  await rule('POST', { protocol: 'udp', action: 'drop', dst_port: 53 })
  expect(await hears(filtered, 'green2', ['tcp:80'])).toEqual(['tcp:80'])
  expect(await hears('green2', filtered, all)).toEqual(all)
  await change('PUT', '/interfaces/if-green1', { enable_filtering: false, ingress_filtering_enabled: false })
  expect(await hears(filtered, 'green2', all)).toEqual(all)
}, 60_000)

test('a rule for their port lets it answer DHCP clients, and nothing else does', async () => {
  const offer = (mark: string) => {
    const macs = [machine('green2').mac, machine(filtered).mac] as const
    return datagram([...macs], addresses[filtered], addresses.green2, [67, 68], mark)
  }
  const heard = async () =>
    (await whereTheyArrive(machine(filtered), [machine('green2')], { offer }))['offer']
  await change('PUT', '/interfaces/if-green1', { enable_filtering: true })
  // What no rule is about passes, but for this.
  expect([await heard(), await hears('green2', filtered, all)]).toEqual([[], all])
  const answers = { protocol: 'udp', src_port: 68 }
  await rule('POST', { ...answers, action: 'pass' })
  expect(await heard()).toEqual(['green2'])
  await rule('DELETE', answers)
  expect(await heard()).toEqual([])
}, 60_000)
