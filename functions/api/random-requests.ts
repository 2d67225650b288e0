/** Requests at random, most of them nearly right: for tests of whatever clients may send. */
import type { Resource } from '../../runtime/http/declare.ts'
import type { PlainRequest } from '../../runtime/http/plain.ts'
import { resources } from './resources.ts'

export type Random = (below: number) => number

/** Whole numbers below a bound, the same in every run with the same seed. */
export function randomFrom(seed: number): Random {
  let state = seed
  return (below) => {
    // Numerical Recipes' linear congruential generator.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const kinds = [
  'dp',
  'nw',
  'seg',
  'if',
  'ml',
  'il',
  'ns',
  'iprg',
  'ipr',
  'mrg',
  'mr',
  'ilc',
  'irc',
  'lp',
  'rl',
  'r',
  'dnss',
  'dnsr',
  'tr',
  'lb',
  'lbm',
  'vt',
  'topo',
  'sg',
  'fil',
]
const uuids = kinds.flatMap((prefix) => [`${prefix}-1`, `${prefix}-2`])
const addresses = [
  '10.0.0.1',
  '10.0.0.2',
  '0.0.0.0',
  '255.255.255.255',
  '10.0.0.0/8',
  '02:00:00:00:00:01',
  '2001:db8::1',
  '2001:db8::/64',
  '::',
]
const modes = ['vif', 'host', 'simulated', 'physical', 'virtual', 'dhcp', 'static']
const numbers = [0, 1, 24, 33, -1, 2 ** 53, 1.5, '0x10', '1e9', Number.MAX_SAFE_INTEGER]
const odd = [
  '',
  ' ',
  'null',
  '\u0000',
  '\ud800',
  '"',
  "'",
  '%',
  '../..',
  '-1000000000001',
  '{}',
  'ÿ'.repeat(300),
  '__proto__',
  null,
  true,
  [],
  [1],
  {},
  { a: 1 },
  'true',
  'no',
  'x'.repeat(10_000),
  "'; DROP TABLE networks; --",
]
const values: unknown[] = [...uuids, ...addresses, ...modes, ...numbers, ...odd]

const operations = (resources as readonly Resource[]).flatMap((resource) =>
  Object.values(resource.operations).map((operation) => ({ resource, operation })),
)
const parameterNames = [
  ...new Set(operations.flatMap(({ operation }) => Object.keys(operation.parameters))),
  '__proto__',
  'constructor',
  'toString',
  'uuid[]',
  '',
]

/** What a parameter of this name is likely to take, so that deep code is reached too. */
const likely: Readonly<Record<string, readonly unknown[]>> = {
  uuid: uuids,
  mode: [
    'vif',
    'host',
    'simulated',
    'physical',
    'virtual',
    'dhcp',
    'dns',
    'simple',
    'static_address',
    'source_address',
    'destination_address',
    'vnet_edge',
    'edge',
    'simple_overlay',
    'simple_underlay',
  ],
  network_mode: ['physical', 'virtual'],
  dpid: ['1', '0x2', 'abc'],
  ipv4_network: ['10.0.0.0', '10.1.0.0', '0.0.0.0'],
  ipv4_prefix: [0, 8, 24],
  ipv4_address: ['10.0.0.1', '10.0.0.2', '10.1.0.1', '0.0.0.0'],
  mac_address: ['02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'],
  ingress_ipv4_address: ['10.0.0.1', '10.0.0.2'],
  egress_ipv4_address: ['10.1.0.1', '10.1.0.2'],
  rules: ['tcp:22:10.0.0.0/8', 'udp:53:sg-1,icmp:-1:0.0.0.0/0 # all', 'egress:tcp:80:sg-2', 'tcp:0:1.2.3.4'],
  protocol: ['tcp', 'udp', 'icmp', 'arp', 'ip'],
  action: ['pass', 'drop', 'conn'],
  src_address: ['10.0.0.0/8', '0.0.0.0/0', '10.0.0.1'],
  dst_address: ['10.1.0.0/16', '0.0.0.0'],
  src_port: [0, 1_024],
  dst_port: [0, 80],
  ingress_port_number: [80, 443],
  egress_port_number: [80, 8080],
  egress_ipv4_network: ['10.1.0.0', '10.1.0.0/24'],
  ingress_end_ipv4_address: ['10.0.0.2', '10.0.0.9'],
  begin_ipv4_address: ['10.0.0.0', '10.0.0.9'],
  end_ipv4_address: ['10.0.0.1', '10.0.0.11', '10.1.0.0'],
  begin_mac_address: ['02:00:00:00:00:01'],
  end_mac_address: ['02:00:00:00:00:03', '02:00:00:00:01:00'],
  allocation_type: ['incremental', 'decremental', 'random'],
  timing: ['immediate', 'dhcp'],
  vlan_id: [100, 200],
  lease_time: [1, 3_600],
  grace_time: [0, 3_600],
  label: ['a', 'b'],
  port_name: ['tap0', 'tap1', 'eth0'],
  display_name: ['x', ''],
  node_id: ['a'],
  name: ['www', 'Www.', 'a.b', '*', '*.a.b', '1.0.0.10.in-addr.arpa'],
  target: ['www', 'a.b'],
  ipv6_address: ['2001:db8::1', '::'],
  public_dns: ['8.8.8.8', '8.8.8.8, 2001:db8::1', ''],
  boot_files: ['efi:a,*:b', 'ipxe:http://b/c', ''],
  next_server_ipv4_address: ['10.0.0.9', '0.0.0.0'],
  ttl: [0, 60],
}
const prefixes: Readonly<Record<string, string>> = {
  datapaths: 'dp',
  networks: 'nw',
  segments: 'seg',
  interfaces: 'if',
  mac_leases: 'ml',
  ip_leases: 'il',
  network_services: 'ns',
  route_links: 'rl',
  routes: 'r',
  ip_range_groups: 'iprg',
  mac_range_groups: 'mrg',
  ip_lease_containers: 'ilc',
  ip_retention_containers: 'irc',
  lease_policies: 'lp',
  ip_range_group: 'iprg',
  ip_range: 'ipr',
  mac_range_group: 'mrg',
  mac_range: 'mr',
  ip_lease_container: 'ilc',
  ip_retention_container: 'irc',
  ip_lease: 'il',
  translations: 'tr',
  load_balancers: 'lb',
  load_balancer: 'lb',
  member: 'lbm',
  vlan_translations: 'vt',
  translation: 'tr',
  security_groups: 'sg',
  security_group: 'sg',
  filters: 'fil',
  dns_services: 'dnss',
  dns_service: 'dnss',
  dns_record: 'dnsr',
  network_service: 'ns',
  network: 'nw',
  segment: 'seg',
  interface: 'if',
  datapath: 'dp',
  owner_datapath: 'dp',
  mac_lease: 'ml',
  route_link: 'rl',
  topologies: 'topo',
  topology: 'topo',
  underlay: 'topo',
}

const types = ['application/json', 'text/yaml', 'application/x-www-form-urlencoded', 'text/plain', '']

/** Something to be about, since most of what is random is about what is not there. */
export const firstRequests: readonly PlainRequest[] = [
  ...['1', '2'].map(
    (n) => ['/datapaths', { uuid: `dp-${n}`, display_name: 'x', dpid: n, node_id: 'a' }] as const,
  ),
  ['/networks', { uuid: 'nw-1', mode: 'physical', ipv4_network: '10.0.0.0', ipv4_prefix: 24 }] as const,
  ['/networks', { uuid: 'nw-2', mode: 'virtual', ipv4_network: '10.1.0.0', ipv4_prefix: 24 }] as const,
  ['/interfaces', { uuid: 'if-1', mode: 'vif', port_name: 'tap0' }] as const,
  ['/route_links', { uuid: 'rl-1' }] as const,
  ['/mac_leases', { interface_uuid: 'if-1', mac_address: '02:00:00:00:00:01' }] as const,
].map(([path, body]) => ({
  method: 'POST',
  target: `/api/1.0${path}`,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
}))

/** One request: an operation that there is, with values that fit, and now and then with what does not. */
export function requestFrom(random: Random): PlainRequest {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!
  // Made again where it was deleted, or refused as there already.
  if (random(40) === 0) return pick(firstRequests)
  const { resource, operation } = pick(operations)
  const anyOf = (name: string): unknown => {
    if (random(12) === 0) return pick(values)
    const own = operation.path.endsWith('/dns_records') ? 'dns_record' : resource.name
    const object = name === 'uuid' ? own : name.replace(/_uuid$/, '')
    if (name.endsWith('uuid')) return `${prefixes[object] ?? 'xx'}-${1 + random(3)}`
    return pick(likely[name] ?? [true, false, 1, 'x'])
  }
  const path = `${resource.path}${operation.path}`
    .replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(anyOf(name)).toWellFormed()))
    .replace(/\/$/, '')
  const given: Record<string, unknown> = {}
  const required = Object.entries(operation.parameters)
  for (const [name, { type }] of required)
    if (type !== 'optional' ? random(20) > 0 : random(3) === 0) given[name] = anyOf(name)
  if (random(20) === 0) given[pick(parameterNames)] = pick(values)
  const method =
    random(20) === 0 ? pick(['PATCH', 'GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']) : operation.method
  const pairs = Object.entries(given).map(
    ([name, value]) => [name, String(value).toWellFormed()] as [string, string],
  )
  const suffix = pick(['', '.json', '.yml', '.xml', '.'])
  const inBody = random(2) === 0
  const body = inBody ? JSON.stringify(random(2) === 0 ? given : { wrapped: given }) : ''
  return {
    method,
    target: `/api/1.0${path}${suffix}${inBody ? '' : `?${new URLSearchParams(pairs)}`}`,
    headers: { 'content-type': !inBody ? '' : random(20) === 0 ? pick(types) : 'application/json' },
    body: random(30) === 0 ? body.slice(0, random(body.length + 1)) : body,
  }
}
