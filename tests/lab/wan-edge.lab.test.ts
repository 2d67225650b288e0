/**
 * The edge to a physical network: machines inside share one address of it, ports of that lead inside, and one machine has an
 * address of its own. From every hypervisor; nothing of the addresses inside is seen outside.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { ask, asked, echoAt, hold } from '../support/echo.ts'
import { eventually } from '../support/open-vswitch.ts'
import { quotedAt, sendDatagram } from '../support/quoted.ts'
import { reaches } from '../support/reach.ts'
import {
  farAway,
  type OutNetwork,
  outside,
  type Red,
  redAddress,
  reds,
  serverAddress,
  startOutNetwork,
} from '../support/routed-out.ts'
import { vnctl } from '../support/vnctl.ts'
import { arriving, type Place } from '../support/wire.ts'

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
  // That the edge has them it says by ARP.
  const seen = await arriving([network.server], `ip and (host ${own} or host ${other})`, async () => {
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

test('traces leave by the edge into the physical network, and end at a hypervisor only where they are for it', async () => {
  const gateway = '192.168.10.1'
  /** And nothing that has a name is a number. */
  const numbers = /(eth_\w+|nextHop|asked|otherSide|group|ct_label|ct_mark)[ =][1-9]\d*(?![\w.:])/
  const traced = async (destination: string, from = 'if-red1') => {
    const { text, error } = await vnctl(network, 'trace', from, `icmp,dst=${destination}`)
    expect([error, numbers.exec(text)]).toEqual(['', null])
    return text
  }
  await api('POST', '/routes', {
    ...{ uuid: 'r-far', interface_uuid: 'if-out', network_uuid: 'nw-physa', route_link_uuid: 'rl-one' },
    ...{ ipv4_network: '203.0.113.0', ipv4_prefix: 24, ipv4_gateway: gateway },
  })
  await reaches(machine('red1'), farAway)
  const mac = (await network.onFabric('cat', '/sys/class/net/sw-a/address')).trim()
  const out = await traced(farAway)
  expect(out).toMatch(
    new RegExp(`= out of eth0 \\(port \\d+\\) into nw-physa, to ${mac} \\(next hop ${gateway}\\)\n`),
  )
  expect(out).not.toContain('dp-node2')
  expect(out).toEndWith('\nLeaves into nw-physa.\n')
  // The address of a hypervisor is there, one that nobody has described is at none.
  expect(await traced('192.168.10.12', 'if-node1')).toMatch(
    / to dp-node2, .*= to the host itself, if-node2\n.*if-node2\.\n$/s,
  )
  expect(await traced(serverAddress)).toMatch(
    /, to 52:54:00:99:00:50\n(?!.*dp-node2).*Leaves into nw-physa\.\n$/s,
  )
  // Their port names its interface.
  const unasked = ['trace', 'red1', 'icmp,src=192.168.10.50,dst=1.1.1.1']
  expect((await vnctl(network, ...unasked)).text).toContain('= dropped. antiSpoof: ')
  await api('DELETE', '/routes/r-far')
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

test('a port of the edge is spread over machines inside, as long as they are well', async () => {
  const vip = outside.address
  const members = Object.fromEntries(reds.map((name) => [name, `lbm-${name}`]))
  const servers = new Map<Red, Awaited<ReturnType<typeof echoAt>>>()
  const check = { health_check: 'tcp', health_interval: 1, health_failures: 2 }
  const place = { interface_uuid: 'if-out', ipv4_address: vip, port_number: 80 }
  const changed = (name: Red, body: object) =>
    api('PUT', `/load_balancers/lb-w/members/${members[name]}`, body)
  const untilHealth = (wanted: string) =>
    eventually(
      `members to be ${wanted}`,
      async () => {
        const { items } = await network.host.api<{ items: { health: string }[] }>(
          'GET',
          '/load_balancers/lb-w/members',
        )
        return items.map(({ health }) => health).join(' ') === wanted
      },
      15_000,
    )
  /** Who answers, in rounds until all of these have. */
  const answering = async (from: Place, expected: readonly string[]) => {
    const seen = new Set<string>()
    for (let asks = 0; asks < 40 && !expected.every((name) => seen.has(name)); asks++)
      seen.add((await asked(from, 'tcp', vip, 80)) ?? 'nobody')
    return [...seen].sort()
  }
  try {
    for (const name of reds) servers.set(name, await echoAt(machine(name), 'tcp', 5009))
    await api('POST', '/load_balancers', { ...place, ...check, uuid: 'lb-w' })
    for (const name of reds)
      await api('POST', '/load_balancers/lb-w/members', {
        ...{ uuid: members[name], interface_uuid: `if-${name}`, port_number: 5009 },
      })
    await untilHealth('up up up')
    const fromOutside = (names: readonly Red[]) => names.map((name) => `${name} ${serverAddress}`)
    expect(await answering(network.server, fromOutside(reds))).toEqual(fromOutside(reds))
    // A member gets to the others, and to itself; who has an address of its own is known by that.
    for (const from of [reds[0]!, reds[1]!, reds[2]!]) {
      const known = from === reds[1] ? own : vip
      const all = reds.map((name) => `${name} ${known}`)
      expect(await answering(machine(from), all)).toEqual(all)
    }
    await using kept = await hold(network.server, vip, 80)
    const [drained] = kept.told.split(' ') as [Red]
    await changed(drained, { draining: true })
    const others = reds.filter((name) => name !== drained)
    expect(await answering(network.server, fromOutside(others))).toEqual(fromOutside(others))
    expect(await kept.answers()).toBe(true)
    await changed(drained, { draining: false })
    await servers.get(reds[2]!)!.stop()
    await untilHealth('up up down')
    const well = reds.slice(0, 2)
    expect(await answering(network.server, fromOutside(well))).toEqual(fromOutside(well))
    servers.set(reds[2]!, await echoAt(machine(reds[2]!), 'tcp', 5009))
    await untilHealth('up up up')
    expect(await answering(network.server, fromOutside(reds))).toEqual(fromOutside(reds))
    await api('DELETE', '/load_balancers/lb-w')
    expect(await ask(network.server, 'tcp', vip, 80)).toBeNull()
  } finally {
    for (const server of servers.values()) await server.stop()
  }
}, 60_000)

test('path MTU discovery works across the edge', async () => {
  // Who is inside has been told the size by DHCP, and so its own kernel refuses more.
  expect(await ping(reds[0]!, '-M', 'do', '-s', '1472', serverAddress)).toContain('message too long, mtu=')
  expect(await ping(reds[2]!, '-t', '1', serverAddress)).toContain('Time to live exceeded')
  // Who is outside is told by the edge, of an address of one machine and of a connection.
  const large = await network.server
    .exec('ping', '-n', '-c', '1', '-W', '2', '-M', 'do', '-s', '1472', own)
    .catch((error: Error) => error.message)
  expect(large).toMatch(/From 192\.168\.10\.254 icmp_seq=1 Frag needed and DF set \(mtu = 14\d\d\)/)
  const asking = { from: 4_001, to: serverAddress, port: 4_002 }
  const answering = { from: 4_002, to: outside.address, port: 4_001, bytes: 1_472 }
  const told = await quotedAt(network.server, 'unreachable', async () => {
    await sendDatagram(machine(reds[2]!), asking)
    await sendDatagram(network.server, answering)
  })
  expect(told[0]).toBe(`${serverAddress}:4002 > ${outside.address}:4001`)
  // It has learned the size: what it sends now arrives, in pieces.
  const { [reds[2]!]: pieces = [] } = await arriving(
    [machine(reds[2]!)],
    `src host ${serverAddress} and ip[6:2] & 0x3fff != 0`,
    () => sendDatagram(network.server, answering),
  )
  expect(pieces.length).toBeGreaterThan(1)
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
