/**
 * Translated connections: a whole network behind one address or a few, and ports of an address that lead inside. They are
 * remembered on one hypervisor. On it, over the wire and through a tunnel; another tenant has the same addresses.
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
const plan = planOf({
  node1: ['in1', 'out1', 'blue1'],
  node2: ['in2', 'out2'],
  node3: ['in3', 'out3'],
})
const addresses = {
  ...{ in1: '10.1.0.11', in2: '10.1.0.12', in3: '10.1.0.13', blue1: '10.1.0.11' },
  ...{ out1: '10.2.0.11', out2: '10.2.0.12', out3: '10.2.0.13' },
} as const
type Name = keyof typeof addresses
const inside = ['in1', 'in2', 'in3'] as const
const outside = ['out1', 'out2', 'out3'] as const
const shared = '10.2.0.101'
/** How long to wait for what a connection that was cut must not bring. */
const silenceMs = 1_000

const post = (path: string, body: object) => ({ method: 'POST', path, body })
const requests = [
  ...physicalRequests(plan),
  ...[inner, outer, other].flatMap((network) => networkRequests(plan, network)),
  ...routerRequests('one', [inner, outer]),
  ...[101, 102, 103].map((last) =>
    post('/ip_leases', {
      ...{ interface_uuid: 'if-outgw', network_uuid: 'nw-out', enable_routing: true },
      ipv4_address: `10.2.0.${last}`,
    }),
  ),
  post('/translations', { uuid: 'tr-s', interface_uuid: 'if-outgw', mode: 'source_address' }),
  post('/translations/tr-s/source_address', {
    ...{ ingress_ipv4_address: shared, egress_ipv4_network: '10.1.0.0/24' },
  }),
  post('/translations', { uuid: 'tr-d', interface_uuid: 'if-outgw', mode: 'destination_address' }),
  post('/translations/tr-d/destination_address', {
    ...{ ingress_ipv4_address: shared, ingress_port_number: 8080 },
    ...{ egress_ipv4_address: addresses.in2, egress_port_number: 5001 },
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

describe('a network behind one address', () => {
  test('echo, TCP with data, UDP: everyone outside sees that address alone', async () => {
    const seen = await arriving(outside.map(machine), 'net 10.1.0.0/24', async () => {
      for (const to of outside) {
        await using _tcp = await echoAt(machine(to), 'tcp', 5002)
        await using _udp = await echoAt(machine(to), 'udp', 5002)
        for (const from of inside) {
          await reaches(machine(from), addresses[to])
          expect(await asked(machine(from), 'tcp', addresses[to], 5002, 200_000)).toBe(`${to} ${shared}`)
          expect(await asked(machine(from), 'udp', addresses[to], 5002)).toBe(`${to} ${shared}`)
        }
      }
    })
    expect(seen).toEqual({ out1: [], out2: [], out3: [] })
  }, 60_000)

  test('nobody outside reaches a machine inside by either address', async () => {
    await using _in = await echoAt(machine('in1'), 'tcp', 5002)
    for (const address of [addresses.in1, shared])
      expect(await ask(machine('out2'), 'tcp', address, 5002)).toBeNull()
    expect(await isSilent(machine('out1'), addresses.in1)).toBe(true)
  })
})

test('traces go through translation, to where packets are delivered and as what', async () => {
  const ends = async (from: Name, packet: string) => {
    const { hops, delivered_to } = await agreedTrace(network, `if-${from}`, packet, 'new')
    const by = hops.flatMap(({ steps }) => steps).find(({ table }) => table === 'translateSource')?.object
    const { packet: last, reason } = hops.at(-1)!.ends[0]!
    return { delivered_to, by, packet: last, reason }
  }
  for (const [from, to] of [
    ['in1', 'out1'],
    ['in2', 'out1'],
    ['in3', 'out3'],
  ] as const) {
    const outward = await ends(from, `tcp,dst=${addresses[to]},dst_port=5002`)
    expect(outward).toMatchObject({ delivered_to: [`if-${to}`], by: 'if-outgw' })
    expect(outward.packet).toContain(`ipv4_src=${shared},`)
    const inward = await ends(to, `tcp,dst=${shared},dst_port=8080`)
    expect(inward.delivered_to).toEqual(['if-in2'])
    expect(inward.packet).toMatch(new RegExp(`ipv4_dst=${addresses.in2},.*tcp_dst=5001`))
    const unasked = await ends(to, `tcp,dst=${shared},dst_port=8081`)
    expect([unasked.delivered_to, unasked.reason]).toEqual([
      [],
      expect.stringMatching(/^translateConnection: .* come in \(sent there by translation if-outgw\)$/),
    ])
  }
}, 60_000)

test('a port of the address leads inside, from everywhere outside', async () => {
  await using _tcp = await echoAt(machine('in2'), 'tcp', 5001)
  await using _udp = await echoAt(machine('in2'), 'udp', 5001)
  for (const from of outside) {
    expect(await asked(machine(from), 'tcp', shared, 8080, 200_000)).toBe(`in2 ${addresses[from]}`)
    expect(await asked(machine(from), 'udp', shared, 8080)).toBe(`in2 ${addresses[from]}`)
  }
}, 60_000)

test('who is inside gets there by the address outside, too, even to itself', async () => {
  await using _tcp = await echoAt(machine('in2'), 'tcp', 5001)
  for (const from of inside)
    expect(await asked(machine(from), 'tcp', shared, 8080, 200_000)).toBe(`in2 ${shared}`)
}, 60_000)

test('who has an address of its own answers under the one that was asked: of a port, of a load balancer, or its own', async () => {
  const own = { in1: '10.2.0.104', in3: '10.2.0.105' } as const
  const balancer = '10.2.0.106'
  for (const ipv4_address of [own.in1, own.in3, balancer])
    await api('POST', '/ip_leases', {
      ...{ interface_uuid: 'if-outgw', network_uuid: 'nw-out', ipv4_address, enable_routing: true },
    })
  await api('POST', '/translations', { uuid: 'tr-o', interface_uuid: 'if-outgw', mode: 'static_address' })
  await api('POST', '/load_balancers', {
    ...{ uuid: 'lb-o', interface_uuid: 'if-outgw', ipv4_address: balancer, port_number: 80 },
  })
  // in1 is where connections are remembered, in3 is not.
  let port = 8090
  for (const name of ['in1', 'in3'] as const) {
    const egress_ipv4_address = addresses[name]
    const ports = { ingress_port_number: ++port, egress_port_number: 5004 }
    await api('POST', '/translations/tr-o/static_address', {
      ...{ ingress_ipv4_address: own[name], egress_ipv4_address },
    })
    await api('POST', '/translations/tr-d/destination_address', {
      ...{ ingress_ipv4_address: shared, egress_ipv4_address, ...ports },
    })
    await api('POST', '/load_balancers/lb-o/members', {
      ...{ uuid: `lbm-${name}`, interface_uuid: `if-${name}`, port_number: 5004 },
    })
    await using _server = await echoAt(machine(name), 'tcp', 5004)
    for (const from of outside) {
      const told = `${name} ${addresses[from]}`
      expect(await asked(machine(from), 'tcp', own[name], 5004)).toBe(told)
      expect(await asked(machine(from), 'tcp', shared, port)).toBe(told)
      expect(await asked(machine(from), 'tcp', balancer, 80)).toBe(told)
      // What it begins itself has its own address.
      await using _out = await echoAt(machine(from), 'udp', 5005)
      expect(await asked(machine(name), 'udp', addresses[from], 5005)).toBe(`${from} ${own[name]}`)
    }
    await api('DELETE', `/load_balancers/lb-o/members/lbm-${name}`)
  }
  await api('DELETE', '/load_balancers/lb-o')
  await api('DELETE', '/translations/tr-o')
}, 60_000)

test('a first packet that is sent again before there is an answer arrives again, under the same address and port', async () => {
  for (const [from, to, at, filter] of [
    ['in3', addresses.out1, 'out1', `udp dst port 4010 and src host ${shared}`],
    ['out3', shared, 'in2', `udp dst port 5001 and src host ${addresses.out3}`],
  ] as const) {
    const port = at === 'in2' ? 8080 : 4010
    // The first packet into a tunnel may be lost.
    await sendDatagram(machine(from), { from: 4_005, to, port })
    const seen = await arriving([machine(at)], filter, () =>
      sendDatagram(machine(from), { from: 4_003, to, port }),
    )
    // Both ports follow the header.
    const ends = seen[at]!.map((frame) => frame.slice(2 * (14 + 12), 2 * (14 + 24)))
    expect([ends.length, new Set(ends).size]).toEqual([2, 1])
  }
}, 60_000)

test('what is sent in pieces passes once the connection is known', async () => {
  await using _in = await echoAt(machine('in2'), 'udp', 5001)
  const flow = { from: 4_004, to: shared, port: 8080 }
  const pieces = 'ip[6:2] & 0x3fff != 0 and udp'
  const sent = (bytes: number) =>
    arriving([machine('in2'), machine('out3')], pieces, () =>
      sendDatagram(machine('out3'), { ...flow, bytes }),
    )
  await sent(1)
  const seen = await sent(3_000)
  expect([seen.in2?.length, (seen.out3?.length ?? 0) > 0]).toEqual([6, true])
}, 60_000)

describe('errors of the router', () => {
  test('quote what was sent, to who sent it, wherever that is', async () => {
    await using _udp = await echoAt(machine('in2'), 'udp', 5001)
    for (const name of [...outside, 'in1', 'in3'] as const) {
      const to = { from: 4_000, to: shared, port: 8080 }
      const told = await quotedAt(machine(name), 'time exceeded', () =>
        sendDatagram(machine(name), { ...to, ttl: 1 }),
      )
      expect([name, ...new Set(told)]).toEqual([name, `${addresses[name]}:4000 > ${shared}:8080`])
    }
  }, 60_000)

  test('are not told of what arrives', async () => {
    const to = { from: 4_000, to: shared, port: 8080, ttl: 9 }
    expect(await quotedAt(machine('out3'), 'time exceeded', () => sendDatagram(machine('out3'), to))).toEqual(
      [],
    )
  }, 60_000)

  test('about what answers a machine inside: who answers knows the address outside alone', async () => {
    const told = await quotedAt(machine('out3'), 'time exceeded', async () => {
      await sendDatagram(machine('in1'), { from: 4_001, to: addresses.out3, port: 4_002, ttl: 9 })
      await sendDatagram(machine('out3'), { from: 4_002, to: shared, port: 4_001, ttl: 1 })
    })
    expect(new Set(told)).toEqual(new Set([`${addresses.out3}:4002 > ${shared}:4001`]))
  }, 60_000)
})

describe('changes take effect at once', () => {
  test('of a port that leads inside: its connections end with it, and no others', async () => {
    await using _tcp = await echoAt(machine('in2'), 'tcp', 5001)
    await using _kept = await echoAt(machine('in1'), 'tcp', 5006)
    const port = { ingress_ipv4_address: shared, egress_ipv4_address: addresses.in2 }
    const kept = { ingress_ipv4_address: shared, egress_ipv4_address: addresses.in1 }
    await api('POST', '/translations/tr-d/destination_address', {
      ...{ ...kept, ingress_port_number: 8081, egress_port_number: 5006 },
    })
    await using _out = await echoAt(machine('out1'), 'tcp', 5002)
    await using cut = await hold(machine('out3'), shared, 8080)
    await using goesOn = await hold(machine('out3'), shared, 8081)
    await using begunInside = await hold(machine('in2'), addresses.out1, 5002)
    expect([cut.told, goesOn.told, begunInside.told]).toEqual([
      expect.stringMatching(`in2 ${addresses.out3}`),
      expect.stringMatching(`in1 ${addresses.out3}`),
      expect.stringMatching(`out1 ${shared}`),
    ])
    await api('DELETE', '/translations/tr-d/destination_address', port)
    const inside = await arriving(
      [machine('in2')],
      `tcp port 5001 and dst host ${addresses.in2}`,
      async () => {
        expect(await cut.answers(silenceMs)).toBe(false)
        expect(await ask(machine('out1'), 'tcp', shared, 8080)).toBeNull()
      },
    )
    expect(inside).toEqual({ in2: [] })
    expect(await goesOn.answers()).toBe(true)
    expect(await begunInside.answers()).toBe(true)
    const ports = { ingress_port_number: 8080, egress_port_number: 5001 }
    await api('POST', '/translations/tr-d/destination_address', { ...port, ...ports })
    expect(await asked(machine('out1'), 'tcp', shared, 8080)).toBe(`in2 ${addresses.out1}`)
    expect(await goesOn.answers()).toBe(true)
    await api('DELETE', '/translations/tr-d/destination_address', kept)
    expect(await goesOn.answers(silenceMs)).toBe(false)
  }, 60_000)

  test('of the addresses that a network shares: what had them ends, and what is sent goes on under those that there are', async () => {
    await using _tcp = await echoAt(machine('out1'), 'tcp', 5002)
    await using _udp = await echoAt(machine('out1'), 'udp', 5002)
    await using cut = await hold(machine('in1'), addresses.out1, 5002)
    await using datagrams = await hold(machine('in3'), addresses.out1, 5002, 'udp')
    expect([cut.told, datagrams.told]).toEqual([
      expect.stringMatching(`out1 ${shared}`),
      expect.stringMatching(`out1 ${shared}`),
    ])
    const network_ = { egress_ipv4_network: '10.1.0.0/24' }
    await api('DELETE', '/translations/tr-s/source_address', { ingress_ipv4_address: shared, ...network_ })
    const seen = await arriving([machine('out1')], 'port 5002', async () => {
      expect(await cut.answers(silenceMs)).toBe(false)
      expect(await ask(machine('in1'), 'tcp', addresses.out1, 5002)).toBeNull()
    })
    expect(seen).toEqual({ out1: [] })
    await api('POST', '/translations/tr-s/source_address', {
      ...{ ingress_ipv4_address: '10.2.0.102', ingress_end_ipv4_address: '10.2.0.103', ...network_ },
    })
    for (const from of inside)
      expect(await asked(machine(from), 'tcp', addresses.out1, 5002)).toMatch(/^out1 10\.2\.0\.10[23]$/)
    // From the same port as before.
    expect(await datagrams.said()).toMatch(/^out1 10\.2\.0\.10[23]:/)
  }, 60_000)

  test('of the hypervisor that remembers: it is the owner of the interface, where it has one', async () => {
    await using _tcp = await echoAt(machine('out1'), 'tcp', 5002)
    await api('PUT', '/interfaces/if-outgw', { owner_datapath_uuid: 'dp-node2' })
    for (const from of inside)
      expect(await asked(machine(from), 'tcp', addresses.out1, 5002)).toMatch(/^out1 10\.2\.0\.10[23]$/)
    await using _in = await echoAt(machine('in2'), 'tcp', 5001)
    for (const from of outside)
      expect(await asked(machine(from), 'tcp', shared, 8080)).toBe(`in2 ${addresses[from]}`)
  }, 60_000)
})

test('a tenant with the same addresses has nothing of it', async () => {
  expect(await isSilent(machine('blue1'), addresses.out1)).toBe(true)
  expect(await isSilent(machine('blue1'), shared)).toBe(true)
  await reaches(machine('in1'), addresses.out1)
})
