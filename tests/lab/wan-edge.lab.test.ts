/**
 * The edge to a physical network: machines inside share one address of it, ports of that lead inside, and one machine has an
 * address of its own. From every hypervisor; nothing of the addresses inside is seen outside.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { asked, echoAt, hold } from '../support/echo.ts'
import { reaches } from '../support/reach.ts'
import {
  type OutNetwork,
  outside,
  type Red,
  redAddress,
  reds,
  serverAddress,
  startOutNetwork,
} from '../support/routed-out.ts'
import { arriving } from '../support/wire.ts'

let network: OutNetwork
const own = '192.168.10.78'
const other = '192.168.10.79'
const machine = (name: Red) => network.lab.machine(name)
const api = (method: string, path: string, body?: unknown) =>
  network.host.api(method, `${path}?wait=applied`, body)
const ping = (name: Red, ...options: string[]) =>
  machine(name)
    .exec('ping', '-n', '-c', '1', '-W', '2', ...options)
    .catch((error: Error) => error.message)

beforeAll(async () => {
  network = await startOutNetwork()
  await api('PUT', '/interfaces/if-out', { enable_route_translation: true })
  await api('POST', '/ip_leases', {
    ...{ interface_uuid: 'if-out', network_uuid: 'nw-physa', ipv4_address: own, enable_routing: true },
  })
  await translate('static_address', {
    ...{ ingress_ipv4_address: own, egress_ipv4_address: redAddress[reds[1]!], route_link_uuid: 'rl-one' },
  })
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

const translate = async (mode: string, body: unknown) => {
  await api('POST', '/translations', { uuid: `tr-${mode.slice(0, 2)}`, interface_uuid: 'if-out', mode })
  await api('POST', `/translations/tr-${mode.slice(0, 2)}/${mode}`, body)
}

test('machines inside reach one another by addresses outside, on every hypervisor; nothing of that goes outside', async () => {
  const pair = { ingress_ipv4_address: other, egress_ipv4_address: redAddress[reds[2]!] }
  await api('POST', '/ip_leases', {
    ...{ uuid: 'il-other', interface_uuid: 'if-out', network_uuid: 'nw-physa' },
    ...{ ipv4_address: other, enable_routing: true },
  })
  await api('POST', '/translations/tr-st/static_address', { ...pair, route_link_uuid: 'rl-one' })
  await using _third = await echoAt(machine(reds[2]!), 'tcp', 5003)
  await using _second = await echoAt(machine(reds[1]!), 'tcp', 5003)
  const seen = await arriving([network.server], `host ${own} or host ${other}`, async () => {
    expect(await asked(machine(reds[2]!), 'tcp', own, 5003)).toBe(`${reds[1]} ${other}`)
    expect(await asked(machine(reds[1]!), 'tcp', other, 5003)).toBe(`${reds[2]} ${own}`)
    await reaches(machine(reds[2]!), own)
  })
  expect(seen).toEqual({ server: [] })
  // What has no address of its own does not leave while nothing is remembered: the control of what comes next.
  expect(await ping(reds[0]!, serverAddress)).toContain('100% packet loss')
  await api('DELETE', '/translations/tr-st/static_address', { ...pair, route_link_uuid: 'rl-one' })
  await api('DELETE', '/ip_leases/il-other')
}, 60_000)

test('live: the others share an address, and a port of it leads inside', async () => {
  await translate('source_address', {
    ...{ ingress_ipv4_address: outside.address, egress_ipv4_network: '10.1.0.0/24' },
  })
  await translate('destination_address', {
    ...{ ingress_ipv4_address: outside.address, ingress_port_number: 8080, protocol: 'tcp' },
    ...{ egress_ipv4_address: redAddress[reds[2]!], egress_port_number: 5001 },
  })
  await reaches(machine(reds[2]!), serverAddress)
}, 60_000)

test('machines inside reach what is outside by addresses of the edge, and nothing else is seen there', async () => {
  await using _tcp = await echoAt(network.server, 'tcp', 5002)
  await using _udp = await echoAt(network.server, 'udp', 5002)
  const seen = await arriving([network.server], 'net 10.1.0.0/24', async () => {
    for (const name of reds) {
      const known = name === reds[1] ? own : outside.address
      await reaches(machine(name), serverAddress)
      expect(await asked(machine(name), 'tcp', serverAddress, 5002, 100_000)).toBe(`server ${known}`)
      expect(await asked(machine(name), 'udp', serverAddress, 5002)).toBe(`server ${known}`)
    }
  })
  expect(seen).toEqual({ server: [] })
}, 60_000)

test('what is outside reaches a port that leads inside, and the machine that has an address of its own', async () => {
  await using _tcp = await echoAt(machine(reds[2]!), 'tcp', 5001)
  await using _own = await echoAt(machine(reds[1]!), 'tcp', 5003)
  expect(await asked(network.server, 'tcp', outside.address, 8080, 100_000)).toBe(
    `${reds[2]} ${serverAddress}`,
  )
  expect(await asked(network.server, 'tcp', own, 5003, 100_000)).toBe(`${reds[1]} ${serverAddress}`)
  // By the addresses outside from inside, too, from every hypervisor.
  for (const name of [reds[0]!, reds[2]!]) {
    expect(await asked(machine(name), 'tcp', outside.address, 8080)).toBe(`${reds[2]} ${outside.address}`)
    expect(await asked(machine(name), 'tcp', own, 5003)).toBe(`${reds[1]} ${outside.address}`)
    await reaches(machine(name), own)
  }
  expect(await asked(machine(reds[1]!), 'tcp', own, 5003)).toBe(`${reds[1]} ${own}`)
}, 60_000)

test('path MTU discovery works across the edge', async () => {
  expect(await ping(reds[0]!, '-M', 'do', '-s', '1472', serverAddress)).toMatch(
    /Frag needed|message too long|1 received/,
  )
  expect(await ping(reds[2]!, '-t', '1', serverAddress)).toContain('Time to live exceeded')
}, 60_000)

test('with the host dead, connections go on, and new ones are made', async () => {
  await using _tcp = await echoAt(network.server, 'tcp', 5002)
  await using connection = await hold(machine(reds[2]!), serverAddress, 5002)
  expect(connection.told).toMatch(`server ${outside.address}`)
  await network.host.kill9()
  expect(await connection.answers()).toBe(true)
  expect(await asked(machine(reds[0]!), 'tcp', serverAddress, 5002)).toBe(`server ${outside.address}`)
  await network.host.start()
  expect(await connection.answers()).toBe(true)
}, 60_000)
