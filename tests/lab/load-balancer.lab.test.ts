/**
 * A load balancer in a network: connections to its address are spread over members by weight, on the hypervisor of who asks.
 * Members on the same hypervisor, over the wire and through a tunnel; clients of the network, and routed ones.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import type { Trace } from '../../runtime/http/answers/trace.ts'
import { ask, echoAt, hold, type Transport } from '../support/echo.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { quotedAt, sendDatagram } from '../support/quoted.ts'
import { reaches } from '../support/reach.ts'
import { type NetworkPlan, networkRequests, routerRequests } from '../support/requests.ts'
import { webServerAt } from '../support/web-server.ts'
import { arriving } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

const web: NetworkPlan = { name: 'web', number: 1, subnet: '10.1.0' }
const far: NetworkPlan = { name: 'far', number: 2, subnet: '10.2.0' }
const other: NetworkPlan = { name: 'blue', number: 3, subnet: '10.1.0' }
const plan = planOf({
  node1: ['web1', 'web4', 'far1', 'blue1'],
  node2: ['web2', 'far2'],
  node3: ['web3', 'far3'],
})
const members = ['web1', 'web2', 'web3'] as const
type Name = (typeof members)[number] | 'web4' | 'far1' | 'far2' | 'far3' | 'blue1'
const vip = '10.1.0.80'
/** How long to wait for what a connection that was cut must not bring. */
const silenceMs = 1_000

const post = (path: string, body: object) => ({ method: 'POST', path, body })
const balancer = { interface_uuid: 'if-vip', ipv4_address: vip, port_number: 80 }
const requests = [
  ...physicalRequests(plan),
  ...[web, far, other].flatMap((network) => networkRequests(plan, network)),
  ...routerRequests('one', [web, far]),
  post('/interfaces', {
    ...{ uuid: 'if-vip', mode: 'simulated', network_uuid: 'nw-web', ipv4_address: vip },
    mac_address: '02:00:00:01:01:80',
  }),
  post('/load_balancers', { uuid: 'lb-t', protocol: 'tcp', ...balancer }),
  post('/load_balancers', { uuid: 'lb-u', protocol: 'udp', ...balancer }),
  ...(['t', 'u'] as const).flatMap((kind) =>
    members.map((name) =>
      post(`/load_balancers/lb-${kind}/members`, {
        ...{ uuid: `lbm-${kind}${name}`, interface_uuid: `if-${name}`, port_number: 8080 },
      }),
    ),
  ),
]

let network: Network
const machine = (name: Name) => network.lab.machine(name)
const api = (method: string, path: string, body?: unknown) =>
  network.host.api(method, `${path}?wait=applied`, body)
const member = (name: string, body: object) => api('PUT', `/load_balancers/lb-t/members/lbm-t${name}`, body)

/** Who answered, by name, with the address that it saw. */
async function answered(from: Name, times: number, transport: Transport = 'tcp', bytes = 32) {
  const seen = new Map<string, number>()
  const all = await Promise.all(
    Array.from({ length: times }, () => ask(machine(from), transport, vip, 80, bytes, 6_000)),
  )
  for (const told of all) {
    const name = told?.replace(/:\d+$/, '') ?? 'nobody'
    seen.set(name, (seen.get(name) ?? 0) + 1)
  }
  return seen
}

/** Who answers, in rounds of ten until all of these have: chance may leave one out of a round. */
async function answeringTo(from: Name, expected: readonly string[]): Promise<string[]> {
  const seen = new Set<string>()
  for (let round = 0; round < 6 && !expected.every((name) => seen.has(name)); round++)
    for (const name of (await answered(from, 10, 'tcp', 20_000)).keys()) seen.add(name)
  return [...seen].sort()
}

/** Datagrams from one port. */
const flowOf = (from: Name, count: number) =>
  machine(from).exec(
    ...[process.execPath, '-e'],
    `const socket = require('node:dgram').createSocket('udp4').bind()
    for (let i = 0; i < ${count}; i++) setTimeout(() => socket.send('x', 80, '${vip}'), 20 * i)
    setTimeout(() => process.exit(), ${20 * count + 200})`,
  )

const servers: { stop(): Promise<void> }[] = []
beforeAll(async () => {
  network = await startNetwork(plan, requests)
  await Promise.all(network.lab.machines.map((one) => one.dhcp()))
  for (const name of members)
    for (const transport of ['tcp', 'udp'] as const)
      servers.push(await echoAt(machine(name), transport, 8080))
}, 60_000)
afterAll(async () => {
  for (const server of servers) await server.stop()
  await network?.stop()
})
afterEach(() => network.check())

test('connections of machines of the network, and of routed ones, are spread over all members', async () => {
  // The first packet into a tunnel may be lost, in each direction; what TCP sends again must get through.
  for (const [from, address] of [
    ['web4', '10.1.0.12'],
    ['far1', '10.2.0.11'],
    ['far2', '10.2.0.12'],
    ['far3', '10.2.0.13'],
  ] as const) {
    const all = members.map((name) => `${name} ${address}`)
    expect(await answeringTo(from, all)).toEqual(all)
  }
}, 60_000)

test('datagrams of one client: each flow stays with a member, and flows are spread over all', async () => {
  for (const [from, address] of [
    ['web4', '10.1.0.12'],
    ['far3', '10.2.0.13'],
  ] as const) {
    const seen = new Set<string>()
    for (let round = 0; round < 6 && seen.size < members.length; round++)
      for (const name of (await answered(from, 10, 'udp')).keys()) seen.add(name)
    expect([...seen].sort()).toEqual(members.map((name) => `${name} ${address}`))
    const arrived = await arriving(members.map(machine), `udp dst port 8080 and src host ${address}`, () =>
      flowOf(from, 20),
    )
    const places = Object.entries(arrived).filter(([, frames]) => frames.length > 0)
    expect(places.map(([, frames]) => frames.length)).toEqual([20])
  }
}, 60_000)

test('a member that asks is balanced to itself, too: it hears that from the address that it asked', async () => {
  const all = [`web1 ${vip}`, 'web2 10.1.0.11', 'web3 10.1.0.11']
  for (const transport of ['tcp', 'udp'] as const) {
    const seen = new Set<string>()
    for (let round = 0; round < 6 && seen.size < members.length; round++)
      for (const name of (await answered('web1', 10, transport)).keys()) seen.add(name)
    expect([...seen].sort()).toEqual(all)
  }
  const all2 = ['web1 10.1.0.13', `web2 ${vip}`, 'web3 10.1.0.13']
  expect(await answeringTo('web2', all2)).toEqual(all2)
  // From the port of a member it may ask as well.
  const packet = `tcp,dst=${vip},dst_port=80,src_port=8080`
  const { hops } = await network.host.api<Trace>('POST', '/trace', {
    ...{ interface_uuid: 'if-web1', packet, ct: 'new' },
  })
  expect(hops[0]!.notes.at(-1)).toContain('chooses among 3')
  expect(hops.at(-1)!.ends[0]!.packet).toContain('tcp_dst=8080')
}, 60_000)

/** Members of both that get new connections. */
async function onlyTaking(...names: readonly string[]): Promise<void> {
  for (const kind of ['t', 'u'])
    for (const name of members)
      await api('PUT', `/load_balancers/lb-${kind}/members/lbm-${kind}${name}`, {
        draining: !names.includes(name),
      })
}

test('a member that is alone serves itself, as its security groups let it, and is cut off with its membership', async () => {
  await onlyTaking('web1')
  const others = (['web2', 'web3', 'web4', 'far1'] as const).map(machine)
  const [elsewhere, unseen] = [{ web2: [], web3: [], web4: [], far1: [] }, 'port 8080 or src host 10.1.0.11']
  const serves = async () => {
    for (const transport of ['tcp', 'udp'] as const)
      expect([...(await answered('web1', 5, transport))]).toEqual([[`web1 ${vip}`, 5]])
  }
  const forged = await arriving([machine('web1')], 'src host 10.1.0.11', async () =>
    expect(await arriving(others, `ip and (${unseen})`, serves)).toEqual(elsewhere),
  )
  expect(forged).toEqual({ web1: [] })
  await using one = await hold(machine('web1'), vip, 80)
  const heard = (timeoutMs?: number) =>
    arriving([machine('web1')], 'tcp port 8080', () => one.answers(timeoutMs))
  expect((await heard())['web1']!.length).toBeGreaterThan(0)
  expect(await one.answers()).toBe(true)

  // Sent again before there is an answer, and from the port that it is asked at as a member.
  await servers[1]!.stop()
  for (const from of [4_000, 8_080]) {
    const again = await arriving([machine('web1')], `udp src port ${from} and dst port 8080`, () =>
      sendDatagram(machine('web1'), { from, to: vip, port: 80 }),
    )
    expect(again['web1']!.length).toBe(2)
  }
  servers[1] = await echoAt(machine('web1'), 'udp', 8080)

  const group = (rules: string) => api('PUT', '/security_groups/sg-self', { rules })
  await api('POST', '/security_groups', {
    ...{ uuid: 'sg-self', display_name: 'self', rules: `tcp:8080:${vip}/32` },
  })
  await api('POST', '/security_groups/sg-self/interfaces/if-web1')
  await api('PUT', '/interfaces/if-web1', { ingress_filtering_enabled: true })
  expect(await ask(machine('web1'), 'tcp', vip, 80, 20_000, 6_000)).toMatch(`web1 ${vip}`)
  await group('tcp:8080:10.1.0.11/32')
  expect(await ask(machine('web1'), 'tcp', vip, 80)).toBeNull()
  await api('PUT', '/interfaces/if-web1', { ingress_filtering_enabled: false })
  await api('DELETE', '/security_groups/sg-self')
  expect(await one.answers()).toBe(true)

  await api('DELETE', '/load_balancers/lb-t/members/lbm-tweb1')
  expect(await heard(silenceMs)).toEqual({ web1: [] })
  expect(await ask(machine('web1'), 'tcp', vip, 80)).toBeNull()
  await api('POST', '/load_balancers/lb-t/members', {
    ...{ uuid: 'lbm-tweb1', interface_uuid: 'if-web1', port_number: 8080 },
  })
  expect([...(await answered('web1', 3))]).toEqual([[`web1 ${vip}`, 3]])
  await onlyTaking(...members)
}, 60_000)

test('who asks hears of the load balancer alone, and another tenant of nothing', async () => {
  const seen = await arriving([machine('far2')], 'src net 10.1.0.0/24 and not src host 10.1.0.80', () =>
    answered('far2', 6),
  )
  expect(seen).toEqual({ far2: [] })
  const told = await quotedAt(machine('far2'), 'time exceeded', () =>
    sendDatagram(machine('far2'), { from: 4_000, to: vip, port: 80, ttl: 1 }),
  )
  expect(new Set(told)).toEqual(new Set([`10.2.0.12:4000 > ${vip}:80`]))
  expect(await ask(machine('blue1'), 'tcp', vip, 80)).toBeNull()
  // Its other ports are nobody's.
  expect(await ask(machine('far1'), 'tcp', vip, 81)).toBeNull()
  await reaches(machine('far1'), vip)
}, 60_000)

test('traces go to one of the members', async () => {
  const packet = `tcp,dst=${vip},dst_port=80`
  for (const name of ['web4', 'far1', 'far3'] as const) {
    const trace = { interface_uuid: `if-${name}`, packet, ct: 'new' }
    const { hops, delivered_to } = await network.host.api<Trace>('POST', '/trace', trace)
    expect(hops[0]!.steps.find(({ table }) => table === 'balance')).toMatchObject({ feature: 'balancing' })
    expect(hops[0]!.notes).toEqual([expect.stringMatching(/^group lb-\w+ chooses among 3/)])
    expect(members.map((member) => `if-${member}`)).toContain(delivered_to[0] as 'if-web1')
    expect(hops.at(-1)!.ends[0]!.packet).toContain('tcp_dst=8080')
  }
  const blue = { interface_uuid: 'if-blue1', packet: `${packet},eth_dst=02:00:00:01:01:80` }
  expect((await network.host.api<Trace>('POST', '/trace', blue)).delivered_to).toEqual([])
})

test('a member that drains keeps its connections and gets no new ones; nor does one that is not enabled', async () => {
  await using one = await hold(machine('far2'), vip, 80)
  const name = one.told.split(' ')[0]!
  await member(name, { draining: true })
  const seen = await answered('far2', 9)
  expect([...seen.keys()].some((told) => told.startsWith(name))).toBe(false)
  expect(seen.has('nobody')).toBe(false)
  expect(await one.answers()).toBe(true)
  await member(name, { draining: false })
  const others = members.filter((other) => other !== name)
  for (const other of others) await member(other, { enabled: false })
  expect([...(await answered('web4', 4)).keys()]).toEqual([`${name} 10.1.0.12`])
  expect(await one.answers()).toBe(true)
  for (const other of others) await member(other, { enabled: true })
}, 60_000)

test('connections stay with their members when others come and go, end with them, and new ones follow the weights', async () => {
  for (const name of ['web1', 'web2']) await member(name, { draining: true })
  const cut = await hold(machine('web4'), vip, 80)
  expect(cut.told).toMatch('web3')
  for (const name of ['web1', 'web2']) await member(name, { draining: false })
  await member('web3', { draining: true })
  const held = await Promise.all(Array.from({ length: 4 }, () => hold(machine('web4'), vip, 80)))
  try {
    expect(await cut.answers()).toBe(true)
    await api('DELETE', '/load_balancers/lb-t/members/lbm-tweb3')
    const seen = await arriving([machine('web3')], 'tcp port 8080 and src host 10.1.0.12', () =>
      cut.answers(silenceMs),
    )
    expect(seen).toEqual({ web3: [] })
    await member('web1', { weight: 10 })
    const spread = await answered('web4', 20)
    expect(spread.get('web3 10.1.0.12')).toBeUndefined()
    expect(spread.get('web1 10.1.0.12') ?? 0).toBeGreaterThan(spread.get('web2 10.1.0.12') ?? 0)
    for (const one of held) expect(await one.answers()).toBe(true)
    await api('POST', '/load_balancers/lb-t/members', {
      uuid: 'lbm-tweb3',
      interface_uuid: 'if-web3',
      port_number: 8080,
    })
    await member('web1', { weight: 1 })
  } finally {
    for (const one of [cut, ...held]) await one.stop()
  }
}, 60_000)

/** What is known of each member of a load balancer. */
async function healthOf(uuid: string): Promise<string> {
  const { items } = await network.host.api<{ items: { health: string }[] }>(
    'GET',
    `/load_balancers/${uuid}/members`,
  )
  return items.map(({ health }) => health).join(' ')
}
const untilHealth = (uuid: string, wanted: string) =>
  eventually(`members of ${uuid} to be ${wanted}`, async () => (await healthOf(uuid)) === wanted, 15_000)

test('a member that does not answer to checks gets no connections until it does', async () => {
  await api('PUT', '/load_balancers/lb-t', { health_check: 'tcp', health_interval: 1, health_failures: 2 })
  await api('PUT', '/load_balancers/lb-u', { health_check: 'icmp', health_interval: 1, health_failures: 2 })
  await untilHealth('lb-t', 'up up up')
  await untilHealth('lb-u', 'up up up')
  await servers[0]!.stop()
  await machine('web2').exec('sysctl', '-w', 'net.ipv4.icmp_echo_ignore_all=1')
  const order = (await network.host.api<{ items: { uuid: string }[] }>('GET', '/load_balancers/lb-t/members'))
    .items
  const states = (down: string) => order.map(({ uuid }) => (uuid.endsWith(down) ? 'down' : 'up')).join(' ')
  await untilHealth('lb-t', states('web1'))
  await untilHealth('lb-u', 'up down up')
  const seen = await answered('web4', 8)
  expect([...seen.keys()].some((told) => told.startsWith('web1'))).toBe(false)
  expect(seen.size).toBeGreaterThan(1)
  servers[0] = await echoAt(machine('web1'), 'tcp', 8080)
  await machine('web2').exec('sysctl', '-w', 'net.ipv4.icmp_echo_ignore_all=0')
  // What it has accepted ends: no check is left waiting.
  const ended = `dst port 8080 and src host ${vip} and tcp[tcpflags] & tcp-rst != 0`
  const resets = await arriving([machine('web1')], ended, () => untilHealth('lb-t', 'up up up'))
  expect(resets['web1']!.length).toBeGreaterThan(0)
  await untilHealth('lb-u', 'up up up')
}, 60_000)

test('a member that accepts and does not answer as it should gets no connections until it does', async () => {
  const web = await Promise.all(members.map((name) => webServerAt(machine(name), 8090)))
  try {
    const check = { health_check: 'http', health_path: '/ready', health_interval: 1, health_failures: 2 }
    await api('POST', '/load_balancers', {
      ...{ ...balancer, ...check, uuid: 'lb-h', port_number: 81, health_status_max: 299 },
    })
    for (const name of members)
      await api('POST', '/load_balancers/lb-h/members', {
        ...{ uuid: `lbm-h${name}`, interface_uuid: `if-${name}`, port_number: 8090 },
      })
    await untilHealth('lb-h', 'up up up')
    await web[2]!.answersWith(500)
    await untilHealth('lb-h', 'up up down')
    const fetching = `for (let i = 0; i < 8; i++) console.log(await (await fetch('http://${vip}:81/')).text())`
    const fetched = (await machine('web4').exec(process.execPath, '-e', fetching)).trim().split('\n')
    const seen = new Set(fetched)
    expect([fetched.length, seen.has('web3')]).toEqual([8, false])
    await web[2]!.answersWith(204)
    await untilHealth('lb-h', 'up up up')
    // It hears of no more than it is asked.
    await api('DELETE', '/load_balancers/lb-h')
    const after = await arriving([machine('web3')], 'tcp port 8090', () => Bun.sleep(silenceMs))
    expect(after).toEqual({ web3: [] })
  } finally {
    for (const one of web) await one.stop()
  }
}, 60_000)

test('with the host dead, connections go on, and new ones are spread', async () => {
  await using one = await hold(machine('far3'), vip, 80)
  await network.host.kill9()
  expect(await one.answers()).toBe(true)
  expect((await answered('far3', 4)).has('nobody')).toBe(false)
  await network.host.start()
  expect(await one.answers()).toBe(true)
}, 60_000)
