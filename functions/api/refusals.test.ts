/** Every error that an operation declares can really be met. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Resource } from '../../runtime/http/declare.ts'
import { errorName } from '../../runtime/http/errors.ts'
import { describedAt } from './described.ts'
import { resources } from './resources.ts'
import { world } from './sample-world.ts'
import { openTestApi, type TestApi } from './testing.ts'

const taken = { mac_address: '02:00:00:00:00:77' }
const translated = { ingress_ipv4_address: '172.16.0.9', egress_ipv4_address: '10.1.0.9' }
const vlan = { translation_uuid: 'tr-e' }
const elsewhere = { egress_ipv4_address: '10.1.0.8' }
const balanced = { ipv4_address: '10.1.0.6', port_number: 80 }
const another = { ingress_ipv4_address: '172.16.0.6' }
const sharing = { ingress_ipv4_address: '172.16.0.7', egress_ipv4_network: '10.1.0.0/24' }
const leading = {
  ...{ ingress_ipv4_address: '172.16.0.7', egress_ipv4_address: '10.1.0.7' },
  ...{ ingress_port_number: 80 },
}
const cases: readonly (readonly [error: string, method: string, path: string, body: object])[] = [
  ['DuplicateName', 'POST', '/datapaths', { dpid: '1', display_name: '', node_id: '' }],
  ...['networks/nw-a', 'segments/seg-a', 'route_links/rl-a'].map(
    (one) => ['AlreadyRelated', 'POST', `/datapaths/dp-1/${one}`, { interface_uuid: 'if-h1' }] as const,
  ),
  ...['networks/nw-b', 'segments/seg-b', 'route_links/rl-b'].flatMap(
    (one) =>
      [
        ['AddressInUse', 'POST', `/datapaths/dp-1/${one}`, { interface_uuid: 'if-h1', ...taken }],
        ['UnknownResource', 'DELETE', `/datapaths/dp-1/${one}`, {}],
      ] as const,
  ),
  ...['networks/nw-t', 'segments/seg-t', 'route_links/rl-t'].flatMap(
    (one) =>
      [
        ['DeleteRestrictionError', 'DELETE', `/datapaths/dp-2/${one}`, {}],
        ['AlreadyRelated', 'POST', `/topologies/topo-o/${one}`, {}],
        ['UnknownResource', 'DELETE', `/topologies/topo-u/${one}`, {}],
      ] as const,
  ),
  ['AlreadyRelated', 'POST', '/topologies/topo-u/datapaths/dp-2', { interface_uuid: 'if-h2' }],
  ['UnknownResource', 'PUT', '/topologies/topo-u/datapaths/dp-1', {}],
  ['UnknownResource', 'DELETE', '/topologies/topo-u/datapaths/dp-1', {}],
  ['AlreadyRelated', 'POST', '/topologies/topo-o/underlays/topo-u', {}],
  ['UnknownResource', 'DELETE', '/topologies/topo-o/underlays/topo-w', {}],
  ['AlreadyRelated', 'POST', '/topologies/topo-u/mac_range_groups/mrg-a', {}],
  ['UnknownResource', 'DELETE', '/topologies/topo-w/mac_range_groups/mrg-a', {}],
  ['AddressInUse', 'POST', '/route_links', taken],
  ['MissingArgument', 'POST', '/interfaces', {}],
  ['DuplicateName', 'POST', '/interfaces', { mode: 'vif', port_name: 'tap0' }],
  ['InvalidID', 'POST', '/interfaces', { mode: 'vif', network_uuid: 'nw-a', segment_uuid: 'seg-b' }],
  ['AddressInUse', 'POST', '/interfaces', { mode: 'vif', ...taken }],
  ['MissingArgument', 'POST', '/network_services', {}],
  ['DuplicateUUID', 'PUT', '/interfaces/if-b/rename', { new_uuid: 'if-a' }],
  ['DuplicateName', 'PUT', '/interfaces/if-b', { owner_datapath_uuid: 'dp-1' }],
  ['DeleteRestrictionError', 'PUT', '/interfaces/if-h1', { owner_datapath_uuid: 'dp-2' }],
  ['DuplicateName', 'POST', '/interfaces/if-a/ports', { datapath_uuid: 'dp-2', port_name: 'eth0' }],
  ['AlreadyRelated', 'POST', '/interfaces/if-a/ports', { datapath_uuid: 'dp-1' }],
  ['DeleteRestrictionError', 'POST', '/interfaces/if-h1/ports', { datapath_uuid: 'dp-2', singular: true }],
  ['DeleteRestrictionError', 'DELETE', '/interfaces/if-h1/ports', {}],
  ['DuplicateName', 'POST', '/dns_services/dnss-n/dns_records', { uuid: 'dnsr-o', name: 'N', target: 'o' }],
  ['UnknownResource', 'DELETE', '/dns_services/dnss-m/dns_records/dnsr-n', {}],
  ['UnknownResource', 'PUT', '/dns_services/dnss-m/dns_records/dnsr-n', {}],
  ['DuplicateName', 'PUT', '/dns_services/dnss-n/dns_records/dnsr-n', { name: 'p', target: 'o' }],
  ['RelationAlreadyExists', 'POST', '/security_groups/sg-a/interfaces/if-a', {}],
  ['UnknownResource', 'DELETE', '/security_groups/sg-b/interfaces/if-a', {}],
  ['RelationAlreadyExists', 'POST', '/interfaces/if-a/security_groups/sg-a', {}],
  ['UnknownResource', 'DELETE', '/interfaces/if-a/security_groups/sg-b', {}],
  ['AlreadyRelated', 'POST', '/filters/fil-a/static', { protocol: 'tcp', dst_port: 80, action: 'drop' }],
  ['UnknownResource', 'DELETE', '/filters/fil-a/static', { protocol: 'tcp', dst_port: 81 }],
  ['AddressInUse', 'PUT', '/translations/tr-x', { interface_uuid: 'if-s' }],
  ['DeleteRestrictionError', 'PUT', '/translations/tr-x', { mode: 'vnet_edge' }],
  ['AlreadyRelated', 'POST', '/translations/tr-s/static_address', translated],
  ['AddressInUse', 'POST', '/translations/tr-s/static_address', { ...translated, ...elsewhere }],
  ['UnknownResource', 'DELETE', '/translations/tr-s/static_address', { ...translated, ...elsewhere }],
  ['AlreadyRelated', 'PUT', '/translations/tr-f', { interface_uuid: 'if-e' }],
  ['AddressInUse', 'POST', '/vlan_translations', { ...vlan, network_uuid: 'nw-g', vlan_id: 100 }],
  ['AlreadyRelated', 'POST', '/vlan_translations', { ...vlan, network_uuid: 'nw-x', vlan_id: 101 }],
  ['AddressInUse', 'PUT', '/vlan_translations/vt-b', { vlan_id: 100 }],
  ['AlreadyRelated', 'PUT', '/vlan_translations/vt-b', { network_uuid: 'nw-x' }],
  ['AlreadyRelated', 'POST', '/translations/tr-s2/source_address', sharing],
  ['AddressInUse', 'POST', '/translations/tr-s2/source_address', { ...sharing, ...another }],
  ['UnknownResource', 'DELETE', '/translations/tr-s2/source_address', { ...sharing, ...another }],
  ['AlreadyRelated', 'POST', '/translations/tr-d2/destination_address', leading],
  ['AddressInUse', 'POST', '/translations/tr-d2/destination_address', { ...leading, ...elsewhere }],
  ['UnknownResource', 'DELETE', '/translations/tr-d2/destination_address', { ...leading, ...elsewhere }],
  ['AddressInUse', 'POST', '/load_balancers', { interface_uuid: 'if-s', ...balanced }],
  ['AlreadyRelated', 'POST', '/load_balancers/lb-b/members', { interface_uuid: 'if-a' }],
  ['MissingArgument', 'POST', '/load_balancers/lb-b/members', {}],
  ['UnknownResource', 'PUT', '/load_balancers/lb-c/members/lbm-b', {}],
  ['UnknownResource', 'DELETE', '/load_balancers/lb-c/members/lbm-b', {}],
  ['AddressInUse', 'POST', '/mac_leases', { interface_uuid: 'if-b', ...taken }],
  ['AddressInUse', 'PUT', '/mac_leases/ml-q', { interface_uuid: 'if-h2' }],
  ['AddressInUse', 'POST', '/ip_leases', { network_uuid: 'nw-b', ipv4_address: '10.2.0.1' }],
  ['MissingArgument', 'POST', '/ip_leases', { network_uuid: 'nw-b' }],
  [
    'MissingArgument',
    'POST',
    '/routes',
    { interface_uuid: 'if-s', network_uuid: 'nw-b', route_link_uuid: 'rl-a' },
  ],
  [
    'InvalidID',
    'POST',
    '/ip_leases',
    { network_uuid: 'nw-b', ipv4_address: '10.2.0.2', mac_lease_uuid: 'ml-a' },
  ],
  ['AddressInUse', 'PUT', '/ip_leases/il-r/attach', { interface_uuid: 'if-h1' }],
  ['InvalidID', 'PUT', '/ip_leases/il-b/attach', { mac_lease_uuid: 'ml-a' }],
  ['AlreadyRelated', 'POST', '/lease_policies/lp-a/networks/nw-a', { ip_range_group_uuid: 'iprg-a' }],
  ['AlreadyRelated', 'POST', '/lease_policies/lp-a/interfaces/if-p', {}],
  ['RelationAlreadyExists', 'POST', '/lease_policies/lp-a/ip_lease_containers/ilc-a', {}],
  ['AlreadyRelated', 'POST', '/ip_lease_containers/ilc-b/ip_leases/il-p', {}],
  ['UnknownResource', 'DELETE', '/ip_lease_containers/ilc-b/ip_leases/il-r', {}],
  ['AlreadyRelated', 'POST', '/ip_retention_containers/irc-a/ip_retentions/il-p', {}],
  ['UnknownResource', 'DELETE', '/ip_retention_containers/irc-a/ip_retentions/il-r', {}],
  ['RelationAlreadyExists', 'POST', '/lease_policies/lp-a/ip_retention_containers/irc-a', {}],
  ['AddressInUse', 'POST', '/lease_policies/lp-f/interfaces/if-b', {}],
  ['InvalidID', 'POST', '/lease_policies/lp-s/interfaces/if-a', {}],
  ['AddressInUse', 'POST', '/lease_policies/lp-f/ip_leases', {}],
  ['AddressInUse', 'PUT', '/lease_policies/lp-g', { timing: 'immediate' }],
  ['InvalidID', 'PUT', '/lease_policies/lp-t', { timing: 'immediate' }],
]

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
  for (const [path, body] of world) {
    const { status, json } = await api.call('POST', path, body)
    expect([path, status, json]).toEqual([path, 200, json])
  }
})
afterAll(() => api?.dispose())

test.each(cases)('%s: %s %s', async (error, method, path, body) => {
  const { json } = await api.call(method, path, body)
  expect(json.error).toBe(errorName(error as never))
})

test('of every operation each declared error is among these', () => {
  const met = cases.map(([error, method, path]) => `${describedAt(method, `/api/1.0${path}`)?.name} ${error}`)
  const declared = (resources as readonly Resource[]).flatMap(({ path, operations }) =>
    Object.values(operations).flatMap(({ method, path: below, refusals }) => {
      const at = `${path}${below === '/' ? '' : below}`.replace(/:(\w+)/g, '{$1}')
      return refusals.map((error) => `${method} ${at} ${error}`)
    }),
  )
  expect(met.sort()).toEqual(declared.sort())
})
