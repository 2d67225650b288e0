/** A bit of everything as API requests, for tests of the order in which it is said. */
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { planOf } from '../lab/flows/plan.ts'
import type { Posting } from './any-order.ts'
import { networkRequests, routerRequests, segmentRequests, trunkRequests } from './requests.ts'
import { outside as edge, wayOutRequests } from './routed-out.ts'

export const plan = planOf({
  node1: ['red1', 'green1', 'grey1'],
  node2: ['red2', 'green2', 'grey2'],
  node3: ['green3'],
})
const red = { name: 'red', number: 1, subnet: '10.1.0' }
const green = { name: 'green', number: 2, subnet: '10.2.0', encapsulation: 'vxlan' } as const
export const addresses = {
  ...{ red1: '10.1.0.11', green1: '10.2.0.11', green2: '10.2.0.12', green3: '10.2.0.13' },
  ...{ grey1: '192.168.77.1', grey2: '192.168.77.2' },
} as const
export type Name = keyof typeof addresses
export const outside = '10.2.0.101'

const post = (path: string, body: Posting['body'] = {}): Posting => ({ path, body })

/**
 * Topologies link the hypervisors; red 2 gets its address by a policy; green 1 and 3 are guarded, and hear of red 1 by its
 * address outside.
 */
const linked = [
  post('/topologies', { uuid: 'topo-u', mode: 'simple_underlay' }),
  post('/topologies', { uuid: 'topo-o', mode: 'simple_overlay' }),
  post('/topologies/topo-o/underlays/topo-u'),
  ...['networks/nw-red', 'networks/nw-green', 'segments/seg-grey', 'route_links/rl-one'].map((one) =>
    post(`/topologies/topo-o/${one}`),
  ),
  ...['node1', 'node2', 'node3'].map((node) =>
    post(`/topologies/topo-u/datapaths/dp-${node}`, { interface_uuid: `if-${node}` }),
  ),
  post('/mac_range_groups', { uuid: 'mrg-a' }),
  post('/mac_range_groups/mrg-a/mac_ranges', {
    ...{ uuid: 'mr-a', begin_mac_address: '02:03:00:00:00:00', end_mac_address: '02:03:00:00:ff:ff' },
  }),
  post('/topologies/topo-u/mac_range_groups/mrg-a'),
]
const leased = [
  post('/ip_range_groups', { uuid: 'iprg-a' }),
  post('/ip_range_groups/iprg-a/ip_ranges', {
    ...{ uuid: 'ipr-a', begin_ipv4_address: '10.1.0.77', end_ipv4_address: '10.1.0.77' },
  }),
  post('/lease_policies', { uuid: 'lp-a', timing: 'dhcp' }),
  post('/lease_policies/lp-a/networks/nw-red', { ip_range_group_uuid: 'iprg-a' }),
  post('/lease_policies/lp-a/interfaces/if-red2'),
]
const served = [
  post('/network_services', { uuid: 'ns-dns', interface_uuid: 'if-reddhcp', mode: 'dns' }),
  post('/dns_services', { uuid: 'dnss-a', network_service_uuid: 'ns-dns' }),
  post('/dns_services/dnss-a/dns_records', { uuid: 'dnsr-a', name: 'www', ipv4_address: '10.1.0.80' }),
]
const guarded = [
  post('/security_groups', { uuid: 'sg-a', display_name: 'a', rules: `tcp:22:${outside}` }),
  post('/security_groups/sg-a/interfaces/if-green1'),
  post('/filters', { uuid: 'fil-a', interface_uuid: 'if-green3', mode: 'static' }),
  ...['arp', 'icmp'].map((protocol) => post('/filters/fil-a/static', { protocol, action: 'pass' })),
]
const translated = [
  post('/ip_leases', {
    ...{ uuid: 'il-out', interface_uuid: 'if-greengw', network_uuid: 'nw-green' },
    ...{ ipv4_address: outside, enable_routing: true },
  }),
  post('/translations', { uuid: 'tr-a', interface_uuid: 'if-greengw', mode: 'static_address' }),
  post('/translations/tr-a/static_address', {
    ...{ ingress_ipv4_address: outside, egress_ipv4_address: addresses.red1, route_link_uuid: 'rl-one' },
  }),
]

/** By interface: red and green have IPv6 beside the rest, and their router joins them by it, too. */
export const six = {
  'if-red1': '2001:db8:1::11',
  'if-redgw': '2001:db8:1::1',
  'if-green2': '2001:db8:2::12',
  'if-greengw': '2001:db8:2::1',
}
const networkOf = (interfaceUuid: string) => (interfaceUuid.startsWith('if-red') ? 'nw-red' : 'nw-green')
const addressed = [
  ...Object.entries(six).map(([interface_uuid, ipv6_address]) =>
    post('/ip_leases', { interface_uuid, network_uuid: networkOf(interface_uuid), ipv6_address }),
  ),
  ...[red, green].map(({ name, number }) =>
    post('/routes', {
      ...{ uuid: `r-${name}6`, interface_uuid: `if-${name}gw`, network_uuid: `nw-${name}` },
      ...{ route_link_uuid: 'rl-one', ipv6_network: `2001:db8:${number}::/64` },
    }),
  ),
]

/** Green 2 is what the load balancer has. */
export const balancer = { address: '10.2.0.80', port: 80, memberPort: 8080 }
const balanced = [
  post('/interfaces', {
    ...{ uuid: 'if-vip', mode: 'simulated', network_uuid: 'nw-green' },
    ...{ ipv4_address: balancer.address, mac_address: '02:00:00:01:02:80' },
  }),
  post('/load_balancers', {
    ...{ uuid: 'lb-a', interface_uuid: 'if-vip', ipv4_address: balancer.address },
    port_number: balancer.port,
  }),
  post('/load_balancers/lb-a/members', {
    ...{ uuid: 'lbm-a', interface_uuid: 'if-green2', port_number: balancer.memberPort },
  }),
]

/** Red shares the router's address in the physical network, and a port of that leads to red 1. */
export const shared = { address: edge.address, port: 8081, insidePort: 5001 }
const shares = [
  post('/translations', { uuid: 'tr-s', interface_uuid: 'if-out', mode: 'source_address' }),
  post('/translations/tr-s/source_address', {
    ...{ ingress_ipv4_address: shared.address, egress_ipv4_network: '10.1.0.0/24' },
  }),
  post('/translations', { uuid: 'tr-d', interface_uuid: 'if-out', mode: 'destination_address' }),
  post('/translations/tr-d/destination_address', {
    ...{ ingress_ipv4_address: shared.address, ingress_port_number: shared.port, protocol: 'tcp' },
    ...{ egress_ipv4_address: addresses.red1, egress_port_number: shared.insidePort },
  }),
]

/** What networks and interfaces are told beside what the usual requests say. */
const more: Readonly<Record<string, object>> = {
  'nw-red': { ipv6_network: '2001:db8:1::/64' },
  'nw-green': { ipv6_network: '2001:db8:2::/64' },
  'if-green1': { ingress_filtering_enabled: true },
  'if-green3': { enable_filtering: true },
  'if-greengw': { enable_route_translation: true },
  'if-out': { enable_route_translation: true },
}
const plain = [
  ...physicalRequests(plan),
  ...[red, green].flatMap((network) => networkRequests(plan, network)),
  ...segmentRequests(plan, { name: 'grey', number: 3 }),
  ...routerRequests('one', [red, green]),
  ...trunkRequests('node1', 'trunk1', { 100: 'red' }),
  ...wayOutRequests('one', 'if-out', 'r-out', edge),
]
export const requests: readonly Posting[] = [
  ...plain
    .filter(({ path }) => !/^\/datapaths\/[^/]+\/(networks\/nw-(red|green)|segments)/.test(path))
    .map(({ path, body }) => post(path, { ...body, ...more[`${body['uuid']}`] }))
    // Red 2's address is its policy's to give.
    .map(({ path, body: { ipv4_address, network_uuid, ...body } }) =>
      body['uuid'] === 'if-red2'
        ? post(path, body)
        : post(path, {
            ...body,
            ...(ipv4_address === undefined ? {} : { ipv4_address }),
            ...(network_uuid === undefined ? {} : { network_uuid }),
          }),
    ),
  ...[...linked, ...leased, ...served, ...guarded, ...translated, ...addressed, ...balanced, ...shares],
]
