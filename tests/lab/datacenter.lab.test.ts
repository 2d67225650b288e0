/**
 * A datacenter as a whole: a web network and a store network on three hypervisors, joined by a router; a legacy machine on a
 * VLAN that is in the store network; a way out with one address for all, a port of it that leads to a load balancer's members;
 * security groups, DHCP and names. Another tenant has the same addresses and none of it. Then it is changed, step by step.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { lookUp } from '../support/dns-client.ts'
import { ask, asked, echoAt } from '../support/echo.ts'
import { type LegacySwitch, startLegacySwitch } from '../support/legacy-switch.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { type PhysicalMachine, startPhysicalMachine } from '../support/physical-machine.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { type NetworkPlan, networkRequests, routerRequests, trunkRequests } from '../support/requests.ts'
import { lossDuring } from '../support/stream.ts'
import { arriving } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

const web: NetworkPlan = { name: 'web', number: 1, subnet: '10.1.0' }
const store: NetworkPlan = { name: 'sto', number: 2, subnet: '10.2.0', encapsulation: 'geneve' }
const other: NetworkPlan = { name: 'blue', number: 3, subnet: '10.1.0' }
const plan = planOf({ node1: ['web1', 'sto1', 'blue1'], node2: ['web2'], node3: ['web3', 'sto3'] })
const address = {
  ...{ web1: '10.1.0.11', web2: '10.1.0.12', web3: '10.1.0.13', blue1: '10.1.0.11' },
  ...{ sto1: '10.2.0.11', sto3: '10.2.0.12' },
} as const
type Name = keyof typeof address
const tape = '10.2.0.50'
const tapeMac = '00:1b:21:00:00:01'
const outside = '192.168.10.254'
const server = '192.168.10.50'
const virtual = '10.1.0.80'

const post = (path: string, body: object = {}) => ({ method: 'POST', path, body })
/** What routers are to find, the state knows, legacy machines too: an interface without a port. */
const known = post('/interfaces', {
  ...{ uuid: 'if-tape', mode: 'vif', network_uuid: 'nw-sto', ipv4_address: tape, mac_address: tapeMac },
})
const services = [
  known,
  post('/network_services', { uuid: 'ns-names', interface_uuid: 'if-webdhcp', mode: 'dns' }),
  post('/dns_services', { uuid: 'dnss-a', network_service_uuid: 'ns-names' }),
  post('/dns_services/dnss-a/dns_records', { uuid: 'dnsr-tape', name: 'tape', ipv4_address: tape }),
]
const wayOut = [
  post('/interfaces', {
    ...{ uuid: 'if-out', mode: 'simulated', network_uuid: 'nw-physa', ipv4_address: outside },
    ...{ mac_address: '02:00:00:01:10:fe', enable_routing: true, enable_route_translation: true },
  }),
  post('/routes', {
    ...{ uuid: 'r-out', interface_uuid: 'if-out', network_uuid: 'nw-physa', route_link_uuid: 'rl-one' },
    ipv4_network: '0.0.0.0/0',
  }),
  post('/translations', { uuid: 'tr-all', interface_uuid: 'if-out', mode: 'source_address' }),
  post('/translations/tr-all/source_address', {
    ...{ ingress_ipv4_address: outside, egress_ipv4_network: '10.0.0.0/8' },
  }),
  post('/translations', { uuid: 'tr-in', interface_uuid: 'if-out', mode: 'destination_address' }),
  post('/translations/tr-in/destination_address', {
    ...{ ingress_ipv4_address: outside, ingress_port_number: 8080, protocol: 'tcp' },
    ...{ egress_ipv4_address: address.web2, egress_port_number: 80 },
  }),
]
const balanced = [
  post('/interfaces', {
    ...{ uuid: 'if-vip', mode: 'simulated', network_uuid: 'nw-web', ipv4_address: virtual },
    mac_address: '02:00:00:01:01:80',
  }),
  post('/load_balancers', {
    ...{ uuid: 'lb-a', interface_uuid: 'if-vip', ipv4_address: virtual, port_number: 80 },
  }),
  ...['web2', 'web3'].map((name) =>
    post('/load_balancers/lb-a/members', { uuid: `lbm-${name}`, interface_uuid: `if-${name}` }),
  ),
]
const guarded = [
  post('/security_groups', { uuid: 'sg-web', display_name: 'web', rules: '' }),
  post('/security_groups', {
    ...{ uuid: 'sg-store', display_name: 'store' },
    rules: 'tcp:5001:sg-web,icmp::10.2.0.0/24',
  }),
  ...['web1', 'web2'].map((name) => post(`/security_groups/sg-web/interfaces/if-${name}`)),
  ...['sto1', 'sto3'].map((name) => post(`/security_groups/sg-store/interfaces/if-${name}`)),
]

let network: Network
let legacy: LegacySwitch
let physical: PhysicalMachine
const echoes: { stop(): Promise<void> }[] = []
const machine = (name: Name) => network.lab.machine(name)
const api = (method: string, path: string, body?: unknown) =>
  network.host.api(method, `${path}?wait=applied`, body)

beforeAll(async () => {
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...[web, store, other].flatMap((one) => networkRequests(plan, one)),
    ...routerRequests('one', [web, store]),
    ...trunkRequests('node2', 'trunk', { 100: 'sto' }),
    ...[...services, ...wayOut, ...balanced, ...guarded],
  ])
  legacy = await startLegacySwitch('legacy', [
    { name: 'tape', mac: tapeMac, vlan: 100, address: `${tape}/24` },
  ])
  await legacy.trunk(network.lab.hypervisor('node2'), 'trunk')
  await legacy.machine('tape').exec('ip', 'route', 'add', 'default', 'via', '10.2.0.1')
  physical = await startPhysicalMachine(network.lab, 'server', 'a', server, '52:54:00:99:00:50')
  await Promise.all(network.lab.machines.map((one) => one.dhcp()))
  for (const name of ['sto1', 'sto3'] as const)
    await api('PUT', `/interfaces/if-${name}`, { ingress_filtering_enabled: true })
  for (const name of ['web2', 'web3'] as const) echoes.push(await echoAt(machine(name), 'tcp', 80))
  for (const name of ['sto1', 'sto3'] as const) echoes.push(await echoAt(machine(name), 'tcp', 5001))
  echoes.push(await echoAt(physical, 'tcp', 5002))
}, 90_000)
afterAll(async () => {
  for (const echo of echoes) await echo.stop()
  await physical?.stop()
  await legacy?.stop()
  await network?.stop()
})
afterEach(() => network.check())

test('machines have names, and reach the legacy machine by its own, through the router and the edge', async () => {
  for (const name of ['web1', 'web2', 'web3'] as const) {
    expect(await lookUp(machine(name), '10.1.0.2', 'A', 'tape.web')).toEqual({ records: [tape] })
    await reaches(machine(name), tape)
    await reaches(legacy.machine('tape'), address[name])
  }
  await reaches(machine('sto3'), tape)
  expect(await isSilent(machine('blue1'), tape)).toBe(true)
}, 60_000)

test('a security group lets members of another in to one port, and its own network’s echo', async () => {
  for (const name of ['sto1', 'sto3'] as const) {
    for (const client of ['web1', 'web2'] as const)
      expect(await asked(machine(client), 'tcp', address[name], 5001)).toBe(`${name} ${address[client]}`)
    expect(await ask(machine('web3'), 'tcp', address[name], 5001)).toBeNull()
    expect(await isSilent(machine('web1'), address[name])).toBe(true)
    await reaches(legacy.machine('tape'), address[name])
  }
}, 60_000)

test('everybody gets out under one address; from outside one port leads in, and nothing else does', async () => {
  const seen = await arriving([physical], 'net 10.0.0.0/8', async () => {
    for (const name of ['web1', 'web3', 'sto1', 'sto3'] as const)
      expect(await asked(machine(name), 'tcp', server, 5002)).toBe(`server ${outside}`)
    expect(await asked(legacy.machine('tape'), 'tcp', server, 5002)).toBe(`server ${outside}`)
    expect(await asked(physical, 'tcp', outside, 8080)).toBe(`web2 ${server}`)
    expect(await ask(physical, 'tcp', outside, 5001)).toBeNull()
    expect(await ask(machine('blue1'), 'tcp', server, 5002)).toBeNull()
  })
  expect(seen).toEqual({ server: [] })
}, 60_000)

test('connections to the virtual address are spread over its members, from inside and by the router', async () => {
  for (const from of [machine('web1'), machine('sto1'), legacy.machine('tape')]) {
    const told = await Promise.all(Array.from({ length: 16 }, () => ask(from, 'tcp', virtual, 80, 32, 6_000)))
    expect(new Set(told.map((one) => one?.split(' ')[0]))).toEqual(new Set(['web2', 'web3']))
  }
  expect(await ask(machine('blue1'), 'tcp', virtual, 80)).toBeNull()
}, 60_000)

/** One after the other, each seen to matter. */
async function changes() {
  const stored = () => ask(machine('web1'), 'tcp', address.sto3, 5001)
  await api('PUT', '/security_groups/sg-store', { rules: 'icmp::10.2.0.0/24' })
  expect(await stored()).toBeNull()
  await api('PUT', '/security_groups/sg-store', { rules: 'tcp:5001:sg-web' })
  expect(await stored()).not.toBeNull()

  await api('PUT', '/load_balancers/lb-a/members/lbm-web3', { draining: true })
  const told = await Promise.all(Array.from({ length: 8 }, () => ask(machine('web1'), 'tcp', virtual, 80)))
  expect(new Set(told.map((one) => one?.split(' ')[0]))).toEqual(new Set(['web2']))

  await api('DELETE', '/vlan_translations/vt-trunkx100')
  expect(await isSilent(machine('web1'), tape)).toBe(true)
  const [vlan] = trunkRequests('node2', 'trunk', { 100: 'sto' }).slice(-1)
  await api('POST', vlan!.path, vlan!.body)
  await reaches(machine('web1'), tape)

  await api('DELETE', '/routes/r-out')
  expect(await ask(machine('web1'), 'tcp', server, 5002)).toBeNull()
  await api('POST', '/routes', wayOut[1]!.body)
  await eventually('the way out', async () => (await ask(machine('web1'), 'tcp', server, 5002)) !== null)
}

test('what is changed takes effect at once, and what is not loses nothing', async () => {
  const onWire = lossDuring(machine('web1'), address.web2, () => changing)
  const changing = lossDuring(machine('web1'), address.web3, changes)
  for (const { sent, lost } of await Promise.all([onWire, changing])) {
    expect(sent).toBeGreaterThan(50)
    expect(lost).toBe(0)
  }
}, 90_000)

test('with the host dead all of it goes on', async () => {
  await network.host.kill9()
  await reaches(machine('web3'), tape)
  expect(await asked(machine('web1'), 'tcp', address.sto1, 5001)).toBe(`sto1 ${address.web1}`)
  expect(await ask(machine('web3'), 'tcp', address.sto1, 5001)).toBeNull()
  expect(await asked(machine('web3'), 'tcp', server, 5002)).toBe(`server ${outside}`)
  expect(await asked(machine('sto3'), 'tcp', virtual, 80)).toStartWith('web')
  await network.host.start()
}, 60_000)
