/**
 * Static translation: an address outside stands for one inside, or a port of it for a port. On one hypervisor, over the
 * wire and through a tunnel; and what must not be seen outside. Another tenant has the same addresses.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { agreedTrace } from '../support/agreed-trace.ts'
import { ask, asked, echoAt, hold } from '../support/echo.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { quotedAt, sendDatagram } from '../support/quoted.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { type NetworkPlan, networkRequests, routerRequests } from '../support/requests.ts'
import { arriving } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

const inner: NetworkPlan = { name: 'in', number: 1, subnet: '10.1.0' }
const outer: NetworkPlan = { name: 'out', number: 2, subnet: '10.2.0' }
const other: NetworkPlan = { name: 'blue', number: 3, subnet: '10.1.0' }
const plan = planOf({ node1: ['in1', 'out1', 'blue1'], node2: ['in2', 'out2'], node3: ['out3'] })
const addresses = {
  ...{ in1: '10.1.0.11', in2: '10.1.0.12', blue1: '10.1.0.11' },
  ...{ out1: '10.2.0.11', out2: '10.2.0.12', out3: '10.2.0.13' },
} as const
type Name = keyof typeof addresses
const outside = ['out1', 'out2', 'out3'] as const
const one = '10.2.0.101'
const two = '10.2.0.102'

const post = (path: string, body: object) => ({ method: 'POST', path, body })
const requests = [
  ...physicalRequests(plan),
  ...[inner, outer, other].flatMap((network) => networkRequests(plan, network)),
  ...routerRequests('one', [inner, outer]),
  ...[one, two].map((ipv4_address) =>
    post('/ip_leases', {
      ...{ interface_uuid: 'if-outgw', network_uuid: 'nw-out', ipv4_address, enable_routing: true },
    }),
  ),
  post('/translations', { uuid: 'tr-1', interface_uuid: 'if-outgw', mode: 'static_address' }),
  post('/translations/tr-1/static_address', {
    ...{ ingress_ipv4_address: one, egress_ipv4_address: addresses.in1, route_link_uuid: 'rl-one' },
  }),
  post('/translations/tr-1/static_address', {
    ...{ ingress_ipv4_address: two, egress_ipv4_address: addresses.in2 },
    ...{ ingress_port_number: 8080, egress_port_number: 5001 },
  }),
]

let network: Network
const machine = (name: Name) => network.lab.machine(name)
const api = (method: string, path: string, body?: unknown) =>
  network.host.api(method, `${path}?wait=applied`, body)

beforeAll(async () => {
  network = await startNetwork(plan, requests)
  await Promise.all((Object.keys(addresses) as Name[]).map((name) => machine(name).dhcp()))
  await api('PUT', '/interfaces/if-outgw', { enable_route_translation: true })
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

/** The address without the port, which is anybody's, and where it was sent to. */
const unreachableAt = async (name: Name, during: () => Promise<unknown>) =>
  new Set((await quotedAt(machine(name), 'unreachable', during)).map((text) => text.replace(/:\d+ >/, ' >')))

describe('one address for one', () => {
  test('both ways: echo, TCP with data, UDP; each end sees the address outside alone', async () => {
    await using _tcp = await echoAt(machine('in1'), 'tcp', 5001)
    await using _udp = await echoAt(machine('in1'), 'udp', 5001)
    const seen = await arriving(outside.map(machine), 'net 10.1.0.0/24', async () => {
      for (const name of outside) {
        await reaches(machine(name), one)
        expect(await asked(machine(name), 'tcp', one, 5001, 200_000)).toBe(`in1 ${addresses[name]}`)
        expect(await asked(machine(name), 'udp', one, 5001)).toBe(`in1 ${addresses[name]}`)
        await using _out = await echoAt(machine(name), 'tcp', 5002)
        expect(await asked(machine('in1'), 'tcp', addresses[name], 5002, 200_000)).toBe(`${name} ${one}`)
      }
    })
    expect(seen).toEqual({ out1: [], out2: [], out3: [] })
  }, 60_000)

  test('what errors quote is known to who gets them', async () => {
    for (const name of ['out1', 'out3'] as const) {
      const outwards = await unreachableAt(name, () => ask(machine(name), 'udp', one, 9))
      expect(outwards).toEqual(new Set([`${addresses[name]} > ${one}:9`]))
      const inwards = await unreachableAt('in1', () => ask(machine('in1'), 'udp', addresses[name], 9))
      expect(inwards).toEqual(new Set([`${addresses.in1} > ${addresses[name]}:9`]))
    }
  }, 60_000)

  test('routers themselves quote what was sent', async () => {
    const text = await machine('out2')
      .exec('ping', '-n', '-c', '1', '-W', '2', '-t', '1', one)
      .catch((error: Error) => error.message)
    expect(text).toContain('From 10.2.0.1 icmp_seq=1 Time to live exceeded')
  })
})

test('traces go through translation, to where packets are delivered and as what', async () => {
  const ends = async (from: Name, packet: string) => {
    const { hops, delivered_to } = await agreedTrace(network, `if-${from}`, packet)
    const steps = hops.flatMap((hop) => hop.steps.filter(({ feature }) => feature === 'translation'))
    return { delivered_to, by: steps[0]?.object, last: hops.at(-1)!.ends[0]! }
  }
  for (const name of outside) {
    const inward = await ends(name, `icmp,dst=${one}`)
    expect(inward).toMatchObject({ delivered_to: ['if-in1'], by: 'if-outgw' })
    expect(inward.last.packet).toContain(`ipv4_dst=${addresses.in1},`)
    const outward = await ends('in1', `tcp,dst=${addresses[name]},dst_port=5002`)
    expect(outward).toMatchObject({ delivered_to: [`if-${name}`], by: 'if-outgw' })
    expect(outward.last.packet).toContain(`ipv4_src=${one},`)
    const port = await ends(name, `tcp,dst=${two},dst_port=8080`)
    expect([port.delivered_to, port.last.packet]).toEqual([
      ['if-in2'],
      expect.stringContaining('tcp_dst=5001'),
    ])
  }
  const other = await ends('in2', `tcp,dst=${addresses.out1},src_port=5002`)
  expect([other.delivered_to, other.last.reason]).toEqual([[], expect.stringMatching(/^translateOutward: /)])
}, 60_000)

describe('one port for one', () => {
  test('is translated both ways, and nothing else of the machine is', async () => {
    await using _server = await echoAt(machine('in2'), 'tcp', 5001)
    await using _udp = await echoAt(machine('in2'), 'udp', 5001)
    const seen = await arriving(outside.map(machine), 'net 10.1.0.0/24', async () => {
      for (const name of outside) {
        expect(await asked(machine(name), 'tcp', two, 8080, 200_000)).toBe(`in2 ${addresses[name]}`)
        expect(await asked(machine(name), 'udp', two, 8080)).toBe(`in2 ${addresses[name]}`)
      }
      const refused = await Promise.all([
        ask(machine('out1'), 'tcp', two, 5001),
        ask(machine('out1'), 'tcp', addresses.in2, 5001),
        ask(machine('in2'), 'tcp', addresses.out1, 5001),
        machine('in2').ping(addresses.out1),
      ])
      expect(refused).toEqual([null, null, null, null])
    })
    expect(seen).toEqual({ out1: [], out2: [], out3: [] })
    const quoted = await unreachableAt('out3', async () => {
      await _udp.stop()
      await ask(machine('out3'), 'udp', two, 8080)
    })
    expect(quoted).toEqual(new Set([`${addresses.out3} > ${two}:8080`]))
  }, 60_000)
})

test('later fragments have no ports: they pass where the address alone decides, and nowhere else', async () => {
  const later = 'ip[6:2] & 0x1fff != 0'
  const sent = { from: 4_000, port: 5001, bytes: 3_000 }
  const seen = await arriving([machine('in1'), machine('in2')], later, async () => {
    await sendDatagram(machine('out3'), { ...sent, to: one })
    await sendDatagram(machine('out3'), { ...sent, to: two, port: 8080 })
  })
  expect([(seen.in1?.length ?? 0) > 0, seen.in2?.length]).toEqual([true, 0])
}, 60_000)

test('who is inside reaches another by its address outside, and is known there by its own', async () => {
  await using _one = await echoAt(machine('in1'), 'tcp', 5003)
  await using _two = await echoAt(machine('in2'), 'tcp', 5001)
  expect(await asked(machine('in1'), 'tcp', two, 8080, 200_000)).toBe(`in2 ${one}`)
  // in2 has no address outside of its own.
  expect(await ask(machine('in2'), 'tcp', one, 5003)).toBeNull()
  const passing = await arriving(outside.map(machine), 'tcp', () => ask(machine('in1'), 'tcp', two, 8080))
  expect(passing).toEqual({ out1: [], out2: [], out3: [] })
}, 60_000)

test('a tenant with the same addresses has nothing of it', async () => {
  const seen = await arriving([machine('blue1')], 'ip', () => reaches(machine('out2'), one))
  expect(seen).toEqual({ blue1: [] })
  expect(await isSilent(machine('blue1'), one)).toBe(true)
  await reaches(machine('out1'), one)
})

describe('changes take effect at once', () => {
  test('of what stands for what, while what did not change goes on', async () => {
    await using _in = await echoAt(machine('in1'), 'tcp', 5001)
    await using connection = await hold(machine('out2'), one, 5001)
    expect(connection.told).toMatch(`in1 ${addresses.out2}`)
    const pair = { ingress_ipv4_address: two, egress_ipv4_address: addresses.in2 }
    await api('DELETE', '/translations/tr-1/static_address', pair)
    await using _server = await echoAt(machine('in2'), 'tcp', 5001)
    expect(await ask(machine('out1'), 'tcp', two, 8080)).toBeNull()
    expect(await connection.answers()).toBe(true)
    await network.check()
    const ports = { ingress_port_number: 8081, egress_port_number: 5001 }
    await api('POST', '/translations/tr-1/static_address', { ...pair, ...ports })
    expect(await asked(machine('out1'), 'tcp', two, 8081)).toBe(`in2 ${addresses.out1}`)
    expect(await ask(machine('out1'), 'tcp', two, 8080)).toBeNull()
    expect(await connection.answers()).toBe(true)
  }, 60_000)

  test('of what passes as it is', async () => {
    const untranslated = async () => {
      const pinged = [machine('out2').ping(addresses.in2), machine('in2').ping(addresses.out2)]
      return (await Promise.all(pinged)).map((time) => time !== null)
    }
    expect(await untranslated()).toEqual([false, false])
    await api('PUT', '/translations/tr-1', { passthrough: true })
    expect(await untranslated()).toEqual([true, true])
    await reaches(machine('out3'), one)
    await api('PUT', '/translations/tr-1', { passthrough: false })
    expect(await untranslated()).toEqual([false, false])
    await api('PUT', '/interfaces/if-outgw', { enable_route_translation: false })
    expect(await untranslated()).toEqual([true, true])
    // The address is the interface's own again.
    await using _in = await echoAt(machine('in1'), 'tcp', 5001)
    expect(await ask(machine('out1'), 'tcp', one, 5001)).toBeNull()
    await api('PUT', '/interfaces/if-outgw', { enable_route_translation: true })
    expect(await asked(machine('out1'), 'tcp', one, 5001)).toBe(`in1 ${addresses.out1}`)
  }, 60_000)

  test('a machine that moves keeps its address outside, and loses it with the translation', async () => {
    await api('DELETE', '/translations/tr-1')
    expect(await isSilent(machine('in1'), addresses.out1)).toBe(true)
    await api('POST', '/translations', { uuid: 'tr-2', interface_uuid: 'if-outgw', mode: 'static_address' })
    const pair = { ingress_ipv4_address: one, egress_ipv4_address: addresses.in2 }
    await api('POST', '/translations/tr-2/static_address', pair)
    await reaches(machine('out3'), one)
    await reaches(machine('in2'), addresses.out1)
  }, 60_000)
})

test('with the host dead, connections go on, and new ones are made', async () => {
  await using _in = await echoAt(machine('in2'), 'tcp', 5001)
  await using connection = await hold(machine('out3'), one, 5001)
  expect(connection.told).toMatch(`in2 ${addresses.out3}`)
  await network.host.kill9()
  expect(await connection.answers()).toBe(true)
  expect(await asked(machine('out1'), 'tcp', one, 5001)).toBe(`in2 ${addresses.out1}`)
  await network.host.start()
  expect(await connection.answers()).toBe(true)
}, 60_000)
