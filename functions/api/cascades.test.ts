/** What goes with what is deleted: of every kind all rows that belong to it, and no others. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createDraft } from '../../db/state/draft.ts'
import type { Draft, TableName } from '../../db/state/types.ts'
import { buildApp, handleApiRequest } from '../../runtime/http/isolate-app.ts'
import { silent } from '../../runtime/log.ts'
import { apiFunctions } from './index.ts'
import { world } from './sample-world.ts'
import { openTestApi, type TestApi } from './testing.ts'

type Belonging = readonly [table: TableName, column: string]
const carried = (column: string): Belonging[] =>
  (['datapathNetworks', 'datapathSegments', 'datapathRouteLinks'] as const).map((table) => [table, column])
const inTopology: Belonging[] = [
  ...(['topologyDatapaths', 'topologyMacRangeGroups'] as const).map(
    (table): Belonging => [table, 'topology_id'],
  ),
  ['topologyLayers', 'underlay_id'],
]

/** Beside the world, what has rows in every table that is looked at. */
const more: readonly (readonly [path: string, body: object])[] = [
  ['/networks', { uuid: 'nw-c', ipv4_network: '10.9.0.0', segment_uuid: 'seg-a' }],
  [
    '/interfaces',
    {
      uuid: 'if-c',
      mode: 'simulated',
      enable_routing: true,
      network_uuid: 'nw-c',
      ipv4_address: '10.9.0.1',
      mac_address: '02:09:00:00:00:01',
    },
  ],
  [
    '/routes',
    {
      uuid: 'r-c',
      interface_uuid: 'if-c',
      network_uuid: 'nw-c',
      route_link_uuid: 'rl-a',
      ipv4_network: '10.9.0.0',
    },
  ],
  ['/network_services', { uuid: 'ns-c', mode: 'dns', interface_uuid: 'if-c' }],
  ['/filters', { uuid: 'fil-c', interface_uuid: 'if-c', mode: 'static' }],
  ['/filters/fil-c/static', { protocol: 'icmp', action: 'pass' }],
  ['/translations', { uuid: 'tr-c', interface_uuid: 'if-c', mode: 'static_address' }],
  [
    '/translations/tr-c/static_address',
    { ingress_ipv4_address: '10.9.0.7', egress_ipv4_address: '10.9.0.8', route_link_uuid: 'rl-a' },
  ],
  ['/lease_policies', { uuid: 'lp-c', timing: 'dhcp' }],
  ['/lease_policies/lp-c/networks/nw-c', { ip_range_group_uuid: 'iprg-a' }],
  ['/lease_policies/lp-c/interfaces/if-c', {}],
  ['/topologies/topo-w/networks/nw-c', {}],
]

const cases: readonly (readonly [path: string, table: TableName, belongings: readonly Belonging[]])[] = [
  ['/datapaths/dp-1', 'datapaths', [...carried('datapath_id'), ['interfacePorts', 'datapath_id']]],
  ['/datapaths/dp-2', 'datapaths', [...carried('datapath_id'), ['topologyDatapaths', 'datapath_id']]],
  [
    '/interfaces/if-h2',
    'interfaces',
    [
      ...carried('interface_id'),
      ['topologyDatapaths', 'interface_id'],
      ['macLeases', 'interface_id'],
      ['ipLeases', 'interface_id'],
      ['interfacePorts', 'interface_id'],
      ['interfaceNetworks', 'interface_id'],
    ],
  ],
  [
    '/interfaces/if-c',
    'interfaces',
    [
      ['routes', 'interface_id'],
      ['networkServices', 'interface_id'],
      ['filters', 'interface_id'],
      ['translations', 'interface_id'],
      ['leasePolicyInterfaces', 'interface_id'],
      ['interfaceRouteLinks', 'interface_id'],
      ['interfaceSegments', 'interface_id'],
    ],
  ],
  [
    '/networks/nw-c',
    'networks',
    [
      ['ipLeases', 'network_id'],
      ['routes', 'network_id'],
      ['leasePolicyNetworks', 'network_id'],
      ['topologyNetworks', 'network_id'],
      ['interfaceNetworks', 'network_id'],
    ],
  ],
  ['/networks/nw-a', 'networks', [['datapathNetworks', 'network_id']]],
  [
    '/segments/seg-a',
    'segments',
    [
      ['macLeases', 'segment_id'],
      ['datapathSegments', 'segment_id'],
      ['networks', 'segment_id'],
      ['interfaceSegments', 'segment_id'],
    ],
  ],
  [
    '/segments/seg-t',
    'segments',
    [
      ['topologySegments', 'segment_id'],
      ['datapathSegments', 'segment_id'],
    ],
  ],
  [
    '/route_links/rl-a',
    'routeLinks',
    [
      ['datapathRouteLinks', 'route_link_id'],
      ['routes', 'route_link_id'],
      ['translationStaticAddresses', 'route_link_id'],
      ['interfaceRouteLinks', 'route_link_id'],
    ],
  ],
  ['/route_links/rl-t', 'routeLinks', [['topologyRouteLinks', 'route_link_id']]],
  [
    '/ip_leases/il-p',
    'ipLeases',
    [
      ['ipLeaseContainerIpLeases', 'ip_lease_id'],
      ['ipRetentions', 'ip_lease_id'],
    ],
  ],
  ['/filters/fil-c', 'filters', [['filterStatics', 'filter_id']]],
  ['/translations/tr-c', 'translations', [['translationStaticAddresses', 'translation_id']]],
  ['/dns_services/dnss-n', 'dnsServices', [['dnsRecords', 'dns_service_id']]],
  ['/network_services/ns-n', 'networkServices', [['dnsServices', 'network_service_id']]],
  [
    '/lease_policies/lp-a',
    'leasePolicies',
    [
      ['leasePolicyNetworks', 'lease_policy_id'],
      ['leasePolicyInterfaces', 'lease_policy_id'],
      ['leasePolicyIpLeaseContainers', 'lease_policy_id'],
      ['leasePolicyIpRetentionContainers', 'lease_policy_id'],
    ],
  ],
  [
    '/ip_retention_containers/irc-a',
    'ipRetentionContainers',
    [
      ['ipRetentions', 'ip_retention_container_id'],
      ['leasePolicyIpRetentionContainers', 'ip_retention_container_id'],
    ],
  ],
  ['/topologies/topo-u', 'topologies', inTopology],
  [
    '/topologies/topo-o',
    'topologies',
    [...carried('topology_id'), ['topologyNetworks', 'topology_id'], ['topologyLayers', 'overlay_id']],
  ],
]

let api: TestApi
const app = buildApp(apiFunctions)
beforeAll(async () => {
  api = await openTestApi()
  const items = [...world, ...more].map(([path, body]) => ({ method: 'POST', path, body }))
  const headers = { 'content-type': 'application/json' }
  const request = { method: 'POST', target: '/api/1.0/batch', headers, body: JSON.stringify(items) }
  expect((await api.request(request)).status).toBe(200)
})
afterAll(() => api?.dispose())

type Rows = { all(): Iterable<Record<string, number>>; get(id: number): unknown }
const rowsIn = (draft: Draft, table: TableName) => draft[table] as unknown as Rows
const idsOf = (draft: Draft, [table, column]: Belonging, id: number) =>
  [...rowsIn(draft, table).all()].flatMap((row) => (row[column] === id ? [row['id']!] : []))

test.each(cases)('DELETE %s', async (path, table, belongings) => {
  // What is deleted is there again for the next: nothing is committed.
  const { draft } = createDraft(api.view, Date.now())
  const uuid = path.slice(path.lastIndexOf('/') + 1)
  const { id } = (draft[table] as unknown as { one(index: 'uuid', uuid: string): { id: number } }).one(
    'uuid',
    uuid,
  )
  const before = belongings.map((one) => ({ one, ids: idsOf(draft, one, id) }))
  expect(before.filter(({ ids }) => ids.length === 0)).toEqual([])
  const request = { method: 'DELETE', target: `/api/1.0${path}`, headers: {}, body: '' }
  const environment = { state: draft, now: Date.now(), random: Math.random, log: silent }
  expect((await handleApiRequest(app, request, environment)).body).toBe(JSON.stringify([uuid]))
  for (const { one, ids } of before) {
    expect([one, idsOf(draft, one, id)]).toEqual([one, []])
    // Gone, and not merely without their owner.
    const left = ids.filter((row) => rowsIn(draft, one[0]).get(row) !== undefined)
    expect([one, left]).toEqual([one, []])
  }
})
