/** Every operation succeeds, and answers as the OpenAPI document says. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Resource } from '../../runtime/http/declare.ts'
import { describedAt } from './described.ts'
import { resources } from './resources.ts'
import { world } from './sample-world.ts'
import { openTestApi, type TestApi } from './testing.ts'

type Case = readonly [method: string, path: string, body: object]

const lists = [
  'datapaths',
  'networks',
  'segments',
  'interfaces',
  'mac_leases',
  'ip_leases',
  'network_services',
  'ip_range_groups',
  'mac_range_groups',
  'ip_lease_containers',
  'ip_retention_containers',
  'lease_policies',
  'route_links',
  'routes',
  'dns_services',
  'translations',
  'translations/tr-s/static_address',
  'vlan_translations',
  'topologies',
  'security_groups',
  'security_groups/sg-a/interfaces',
  'interfaces/if-a/security_groups',
  'filters',
  'filters/fil-a/static',
]
const below = [
  ...['datapaths/dp-1/networks', 'datapaths/dp-1/segments', 'datapaths/dp-1/route_links'],
  'interfaces/if-a/ports',
  ...['ip_range_groups/iprg-a/ip_ranges', 'mac_range_groups/mrg-a/mac_ranges'],
  ...['ip_lease_containers/ilc-a/ip_leases', 'ip_retention_containers/irc-a/ip_retentions'],
  ...['networks', 'interfaces', 'ip_lease_containers', 'ip_retention_containers'].map(
    (relation) => `lease_policies/lp-a/${relation}`,
  ),
]
const inTopologies = [
  ...['datapaths/dp-2', 'mac_range_groups/mrg-a'].map((one) => `topologies/topo-u/${one}`),
  ...['networks/nw-t', 'segments/seg-t', 'route_links/rl-t', 'underlays/topo-u'].map(
    (one) => `topologies/topo-o/${one}`,
  ),
]
const parentOf = (path: string) => path.slice(0, path.lastIndexOf('/'))
const memberships = ['interfaces/if-h1/networks', 'interfaces/if-a/segments', 'interfaces/if-s/route_links']
const show = (path: string): Case => ['GET', `/${path}`, {}]
const remove = (path: string): Case => ['DELETE', `/${path}`, {}]

const portPair = {
  ...{ ingress_ipv4_address: '172.16.0.9', egress_ipv4_address: '10.1.0.9' },
  ...{ ingress_port_number: 80, egress_port_number: 8080, route_link_uuid: 'rl-a' },
  ...{ ingress_network_uuid: 'nw-p', egress_network_uuid: 'nw-a' },
}

const connections = {
  source_address: { ingress_ipv4_address: '172.16.0.8', egress_ipv4_network: '10.1.0.0/24' },
  destination_address: {
    ...{ ingress_ipv4_address: '172.16.0.8', egress_ipv4_address: '10.1.0.8' },
    ...{ protocol: 'tcp', ingress_port_number: 80 },
  },
}

const atPort = { ipv4_address: '10.1.0.5', port_number: 80 }

/** In an order in which each can be carried out. */
const cases: readonly Case[] = [
  ['POST', '/network_services', { uuid: 'ns-a', mode: 'dhcp', interface_uuid: 'if-s', incoming_port: 67 }],
  ['POST', '/network_services', { uuid: 'ns-b', mode: 'dns' }],
  [
    'POST',
    '/routes',
    {
      ...{ uuid: 'r-a', interface_uuid: 'if-s', network_uuid: 'nw-a', route_link_uuid: 'rl-a' },
      ...{ ipv4_network: '0.0.0.0/0', ingress: false },
    },
  ],
  ['POST', '/dns_services', { uuid: 'dnss-a', network_service_uuid: 'ns-b', public_dns: '8.8.8.8' }],
  ['POST', '/dns_services/dnss-a/dns_records', { uuid: 'dnsr-a', name: 'a', ipv4_address: '10.1.0.9' }],
  ['POST', '/dns_services/dnss-a/dns_records', { uuid: 'dnsr-b', name: 'a', ipv6_address: '::1', ttl: 1 }],
  ['POST', '/dns_services/dnss-a/dns_records', { uuid: 'dnsr-c', name: 'b', target: 'a' }],
  ['POST', '/networks', { ipv4_network: '10.3.0.0/16', mode: 'internal', encapsulation: 'vxlan' }],
  ...[...lists, ...below, ...memberships, ...inTopologies.map(parentOf)].map(show),
  show('topologies/topo-u'),
  ['PUT', '/topologies/topo-u', {}],
  ['PUT', '/topologies/topo-u/datapaths/dp-2', { interface_uuid: 'if-h2' }],
  ...['datapaths/dp-1', 'networks/nw-a', 'segments/seg-a', 'interfaces/if-h1', 'interfaces/if-a'].map(show),
  ...['mac_leases/ml-a', 'ip_leases/il-q', 'ip_leases/il-b', 'network_services/ns-b'].map(show),
  ...['route_links/rl-a', 'routes/r-a'].map(show),
  ...['ip_range_groups/iprg-a', 'mac_range_groups/mrg-a', 'lease_policies/lp-a'].map(show),
  ...['ip_lease_containers/ilc-a', 'ip_retention_containers/irc-a'].map(show),
  ['PUT', '/ip_range_groups/iprg-a', { allocation_type: 'random' }],
  ['PUT', '/mac_range_groups/mrg-a', { allocation_type: 'x' }],
  ['PUT', '/ip_lease_containers/ilc-a', {}],
  ['PUT', '/ip_retention_containers/irc-a', { lease_time: 90, grace_time: 60 }],
  ['PUT', '/lease_policies/lp-a', { timing: 'dhcp' }],
  ['PUT', '/ip_leases/il-p/attach', { interface_uuid: 'if-a' }],
  ['PUT', '/ip_leases/il-p/release', {}],
  show('ip_retention_containers/irc-a/ip_retentions'),
  ['POST', '/ip_retention_containers/irc-b/ip_retentions/il-p', {}],
  ...['ip_retention_containers/irc-b/ip_retentions/il-p', 'ip_lease_containers/ilc-b/ip_leases/il-p'].map(
    remove,
  ),
  ...['dns_services/dnss-a', 'dns_services/dnss-a/dns_records'].map(show),
  ['PUT', '/datapaths/dp-1', { display_name: 'x', trusted_fail_mode: true }],
  ['PUT', '/networks/nw-a', { domain_name: 'x', encapsulation: 'geneve' }],
  ['PUT', '/interfaces/if-a', { display_name: 'x', enable_filtering: true }],
  ['PUT', '/interfaces/if-t/rename', { new_uuid: 'if-u' }],
  ['PUT', '/network_services/ns-b', { display_name: 'x' }],
  ['PUT', '/dns_services/dnss-a', { public_dns: '' }],
  ['PUT', '/dns_services/dnss-a/dns_records/dnsr-a', { name: '*.a', ipv6_address: '::2', ttl: 5 }],
  ['PUT', '/mac_leases/ml-a', { interface_uuid: 'if-b' }],
  ['PUT', '/ip_leases/il-q', { enable_routing: true }],
  ['PUT', '/ip_leases/il-q/release', {}],
  ['PUT', '/ip_leases/il-q/attach', { interface_uuid: 'if-b' }],
  ['POST', '/interfaces/if-a/ports', { datapath_uuid: 'dp-2', singular: true }],
  ...['networks/nw-b', 'segments/seg-b', 'route_links/rl-b'].flatMap((one): Case[] =>
    [{}, { static: true }, {}, { static: false }, { static: false }].map((body) => [
      'PUT',
      `/interfaces/if-a/${one}`,
      body,
    ]),
  ),
  [
    'POST',
    '/batch',
    [
      { method: 'GET', path: '/interfaces' },
      { method: 'DELETE', path: '/ip_leases/il-r' },
    ],
  ],
  show('security_groups/sg-b'),
  ['PUT', '/security_groups/sg-b', { rules: 'udp:53:sg-a', description: 'other' }],
  ['POST', '/security_groups/sg-b/interfaces/if-a', {}],
  remove('security_groups/sg-b/interfaces/if-a'),
  ['POST', '/interfaces/if-a/security_groups/sg-b', {}],
  remove('interfaces/if-a/security_groups/sg-b'),
  remove('security_groups/sg-b'),
  show('filters/fil-b'),
  ['PUT', '/filters/fil-b', { ingress_passthrough: true, egress_passthrough: 'no' }],
  ['POST', '/filters/fil-b/static', { protocol: 'icmp', src_address: '10.0.0.0/8', action: 'conn' }],
  ['DELETE', '/filters/fil-b/static', { protocol: 'icmp', src_address: '10.0.0.0/8', action: 'conn' }],
  remove('filters/fil-b'),
  show('translations/tr-s'),
  ['PUT', '/translations/tr-s', { passthrough: 'no' }],
  ['POST', '/translations/tr-s/static_address', portPair],
  ['DELETE', '/translations/tr-s/static_address', portPair],
  ...(['source_address', 'destination_address'] as const).flatMap((mode): Case[] => [
    ['POST', '/translations', { uuid: `tr-${mode[0]}1`, interface_uuid: 'if-s', mode }],
    ['POST', `/translations/tr-${mode[0]}1/${mode}`, connections[mode]],
    ['GET', `/translations/tr-${mode[0]}1/${mode}`, {}],
    ['DELETE', `/translations/tr-${mode[0]}1/${mode}`, connections[mode]],
  ]),
  ['POST', '/load_balancers', { uuid: 'lb-a', interface_uuid: 'if-s', ...atPort }],
  ['POST', '/load_balancers/lb-a/members', { uuid: 'lbm-a', interface_uuid: 'if-a', weight: 2 }],
  ['POST', '/load_balancers/lb-a/members', { ipv4_address: '10.1.0.9', port_number: 81 }],
  ...['load_balancers', 'load_balancers/lb-a', 'load_balancers/lb-a/members'].map(show),
  ['PUT', '/load_balancers/lb-a', { health_check: 'tcp', health_interval: 1, display_name: 'x' }],
  ['PUT', '/load_balancers/lb-a/members/lbm-a', { draining: true }],
  ...['load_balancers/lb-a/members/lbm-a', 'load_balancers/lb-a'].map(remove),
  remove('translations/tr-s'),
  show('vlan_translations/vt-a'),
  [
    'POST',
    '/vlan_translations',
    { translation_uuid: 'tr-f', network_uuid: 'nw-y', vlan_id: 400, mac_address: '02:00:00:00:00:01' },
  ],
  ['PUT', '/vlan_translations/vt-f', { vlan_id: 301 }],
  remove('vlan_translations/vt-a'),
  show('openapi.json'),
  show('browse.json'),
  show(''),
  ...['dns_services/dnss-a/dns_records/dnsr-a', 'dns_services/dnss-a'].map(remove),
  ...['networks/nw-a', 'segments/seg-a', 'route_links/rl-a'].map((one) => remove(`datapaths/dp-1/${one}`)),
  ...[...inTopologies, 'topologies/topo-o'].map(remove),
  remove('interfaces/if-a/ports'),
  ...['routes/r-a', 'route_links/rl-a'].map(remove),
  ...['network_services/ns-b', 'ip_leases/il-q', 'mac_leases/ml-a', 'interfaces/if-a'].map(remove),
  ...['interfaces/if-p', 'ip_lease_containers/ilc-a', 'ip_retention_containers/irc-a'].map((one) =>
    remove(`lease_policies/lp-a/${one}`),
  ),
  ...['lease_policies/lp-a/networks/nw-a', 'ip_range_groups/iprg-a/ip_ranges/ipr-a'].map(remove),
  ...['mac_range_groups/mrg-a/mac_ranges/mr-a', 'mac_range_groups/mrg-a'].map(remove),
  ...['ip_range_groups/iprg-a', 'ip_lease_containers/ilc-a', 'ip_retention_containers/irc-a'].map(remove),
  remove('lease_policies/lp-a'),
  ...['networks/nw-a', 'segments/seg-a', 'datapaths/dp-1'].map(remove),
]

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
  for (const [path, body] of world) await api.call('POST', path, body)
})
afterAll(() => api?.dispose())

test.each(cases)('%s %s', async (method, path, body) => {
  const { status, json } = await api.call(method, path, body)
  expect([status, json]).toEqual([200, json])
})

test('that was every operation but those that only a host can answer', () => {
  const requests: readonly Case[] = [...world.map(([path, body]): Case => ['POST', path, body]), ...cases]
  const reached = requests.map(([method, path]) => describedAt(method, `/api/1.0${path}`)?.name)
  const declared = (resources as readonly Resource[]).flatMap(({ path, operations }) =>
    Object.values(operations).map(({ method, path: below }) =>
      `${method} ${path}${below === '/' ? '' : below}`.replace(/:(\w+)/g, '{$1}'),
    ),
  )
  expect(declared.filter((name) => !reached.includes(name))).toEqual(['GET /datapaths/{uuid}/status'])
})
