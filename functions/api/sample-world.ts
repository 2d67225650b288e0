/** For tests: requests that make a bit of everything. */

/** Something that is in a topology, and so on the second hypervisor. */
function topologyMember(path: string): readonly (readonly [path: string, body: object])[] {
  const [kind, uuid] = path.split('/')
  return [
    [`/${kind}`, { uuid, mode: 'virtual', ipv4_network: '10.5.0.0' }],
    [`/topologies/topo-o/${path}`, {}],
  ]
}

/** Two hypervisors, of which the first carries a network, a segment and a route link; networks on two segments; some machines. */
export const world: readonly (readonly [path: string, body: object])[] = [
  ...[1, 2].map(
    (n) => ['/datapaths', { uuid: `dp-${n}`, dpid: `${n}`, display_name: '', node_id: `${n}` }] as const,
  ),
  ...['a', 'b'].map((name) => ['/segments', { uuid: `seg-${name}`, mode: 'virtual' }] as const),
  ['/networks', { uuid: 'nw-p', mode: 'physical', ipv4_network: '172.16.0.0' }],
  ['/networks', { uuid: 'nw-q', mode: 'physical', ipv4_network: '172.16.0.0' }],
  ['/networks', { uuid: 'nw-a', ipv4_network: '10.1.0.0', segment_uuid: 'seg-a' }],
  ['/networks', { uuid: 'nw-b', ipv4_network: '10.2.0.0', segment_uuid: 'seg-b' }],
  ...[1, 2].map(
    (n) =>
      [
        '/interfaces',
        {
          ...{ uuid: `if-h${n}`, mode: 'host', port_name: 'eth0', owner_datapath_uuid: `dp-${n}` },
          ...{ network_uuid: 'nw-p', ipv4_address: `172.16.0.${n}`, mac_address: `02:01:00:00:00:0${n}` },
        },
      ] as const,
  ),
  ['/datapaths/dp-1/networks/nw-a', { interface_uuid: 'if-h1', mac_address: '02:00:00:00:00:77' }],
  ['/datapaths/dp-1/segments/seg-a', { interface_uuid: 'if-h1' }],
  ...['a', 'b'].map((name) => ['/route_links', { uuid: `rl-${name}` }] as const),
  ['/datapaths/dp-1/route_links/rl-a', { interface_uuid: 'if-h1' }],
  ['/interfaces', { uuid: 'if-a', mode: 'vif', port_name: 'tap0', owner_datapath_uuid: 'dp-1' }],
  ['/interfaces', { uuid: 'if-b', mode: 'vif', port_name: 'tap0' }],
  ['/interfaces', { uuid: 'if-s', mode: 'simulated' }],
  [
    '/mac_leases',
    { uuid: 'ml-a', interface_uuid: 'if-a', mac_address: '02:00:00:00:00:0a', segment_uuid: 'seg-a' },
  ],
  ['/ip_leases', { uuid: 'il-b', network_uuid: 'nw-b', ipv4_address: '10.2.0.1' }],
  ['/mac_leases', { uuid: 'ml-q', interface_uuid: 'if-b', mac_address: '02:00:00:00:00:0b' }],
  ['/ip_leases', { uuid: 'il-q', network_uuid: 'nw-q', ipv4_address: '172.16.0.1', mac_lease_uuid: 'ml-q' }],
  ['/network_services', { uuid: 'ns-n', mode: 'dns', interface_uuid: 'if-s' }],
  ...['m', 'n'].map(
    (name) => ['/dns_services', { uuid: `dnss-${name}`, network_service_uuid: 'ns-n' }] as const,
  ),
  ['/dns_services/dnss-n/dns_records', { uuid: 'dnsr-n', name: 'n', ipv4_address: '10.1.0.1' }],
  ['/dns_services/dnss-n/dns_records', { uuid: 'dnsr-p', name: 'p', ipv4_address: '10.1.0.1' }],
  ['/interfaces', { uuid: 'if-x', mode: 'simulated' }],
  ['/security_groups', { uuid: 'sg-a', display_name: 'a', rules: 'tcp:22:10.0.0.0/8' }],
  ['/security_groups', { uuid: 'sg-b', display_name: 'b', description: 'more', rules: 'icmp:-1:sg-a' }],
  ['/security_groups/sg-a/interfaces/if-a', {}],
  ...['a', 'b'].map(
    (name) => ['/filters', { uuid: `fil-${name}`, interface_uuid: `if-${name}`, mode: 'static' }] as const,
  ),
  ['/filters/fil-a/static', { protocol: 'tcp', dst_port: 80, action: 'pass' }],
  ...['s', 'x'].map(
    (name) =>
      [
        '/translations',
        { uuid: `tr-${name}`, interface_uuid: `if-${name}`, mode: 'static_address', passthrough: true },
      ] as const,
  ),
  ...['s', 'x'].map(
    (name) =>
      [
        `/translations/tr-${name}/static_address`,
        { ingress_ipv4_address: '172.16.0.9', egress_ipv4_address: '10.1.0.9', route_link_uuid: 'rl-b' },
      ] as const,
  ),
  // Two trunk ports: the first has two VLANs, the second one of each's network.
  ...['e', 'f'].flatMap(
    (name) =>
      [
        ['/interfaces', { uuid: `if-${name}`, mode: 'edge', port_name: `trunk-${name}` }],
        ['/translations', { uuid: `tr-${name}`, interface_uuid: `if-${name}`, mode: 'vnet_edge' }],
      ] as const,
  ),
  ...['x', 'y'].map((name) => ['/networks', { uuid: `nw-${name}`, ipv4_network: '10.7.0.0' }] as const),
  ['/vlan_translations', { uuid: 'vt-a', translation_uuid: 'tr-e', network_uuid: 'nw-x', vlan_id: 100 }],
  ['/vlan_translations', { uuid: 'vt-b', translation_uuid: 'tr-e', network_uuid: 'nw-y', vlan_id: 200 }],
  ['/vlan_translations', { uuid: 'vt-f', translation_uuid: 'tr-f', network_uuid: 'nw-x', vlan_id: 300 }],
  ...(['source_address', 'destination_address'] as const).map(
    (mode) => ['/translations', { uuid: `tr-${mode[0]}2`, interface_uuid: 'if-x', mode }] as const,
  ),
  [
    '/translations/tr-s2/source_address',
    { ingress_ipv4_address: '172.16.0.7', egress_ipv4_network: '10.1.0.0/24' },
  ],
  [
    '/translations/tr-d2/destination_address',
    { ingress_ipv4_address: '172.16.0.7', egress_ipv4_address: '10.1.0.7', ingress_port_number: 80 },
  ],
  ...['b', 'c'].map(
    (name, n) =>
      [
        '/load_balancers',
        { uuid: `lb-${name}`, interface_uuid: 'if-s', ipv4_address: '10.1.0.6', port_number: 80 + n },
      ] as const,
  ),
  ['/load_balancers/lb-b/members', { uuid: 'lbm-b', interface_uuid: 'if-a' }],
  ['/ip_leases', { uuid: 'il-r', network_uuid: 'nw-q', ipv4_address: '172.16.0.2' }],
  ...['iprg-a', 'iprg-e'].map((uuid) => ['/ip_range_groups', { uuid }] as const),
  [
    '/ip_range_groups/iprg-a/ip_ranges',
    { uuid: 'ipr-a', begin_ipv4_address: '10.1.0.1', end_ipv4_address: '10.1.0.9' },
  ],
  ['/mac_range_groups', { uuid: 'mrg-a' }],
  [
    '/mac_range_groups/mrg-a/mac_ranges',
    { uuid: 'mr-a', begin_mac_address: '02:02:00:00:00:00', end_mac_address: '02:02:00:00:00:ff' },
  ],
  ...['ilc-a', 'ilc-b'].map((uuid) => ['/ip_lease_containers', { uuid }] as const),
  ...['irc-a', 'irc-b'].map((uuid) => ['/ip_retention_containers', { uuid, lease_time: 60 }] as const),
  // The second has no address left, the third is for segments that its interfaces are not in.
  ...['lp-a', 'lp-f', 'lp-s'].map((uuid) => ['/lease_policies', { uuid }] as const),
  ['/lease_policies/lp-a/networks/nw-a', { ip_range_group_uuid: 'iprg-a' }],
  ['/lease_policies/lp-a/ip_lease_containers/ilc-a', { label: 'a' }],
  ['/lease_policies/lp-a/ip_retention_containers/irc-a', {}],
  ['/lease_policies/lp-a/ip_leases', { ip_lease_uuid: 'il-p' }],
  ['/ip_lease_containers/ilc-b/ip_leases/il-p', {}],
  ['/interfaces', { uuid: 'if-p', mode: 'vif', mac_range_group_uuid: 'mrg-a', segment_uuid: 'seg-a' }],
  ['/lease_policies/lp-a/interfaces/if-p', { label: 'a' }],
  ['/networks', { uuid: 'nw-f', ipv4_network: '10.4.0.0', ipv4_prefix: 32 }],
  ['/ip_range_groups/iprg-e/ip_ranges', { begin_ipv4_address: '10.2.0.9', end_ipv4_address: '10.4.0.0' }],
  ['/lease_policies/lp-f/networks/nw-f', { ip_range_group_uuid: 'iprg-e' }],
  ['/lease_policies/lp-f/ip_leases', {}],
  ['/lease_policies/lp-s/networks/nw-b', { ip_range_group_uuid: 'iprg-e' }],
  // What these two are to give when it is asked for, they cannot.
  ...['lp-g', 'lp-t'].map((uuid) => ['/lease_policies', { uuid, timing: 'dhcp' }] as const),
  ['/networks', { uuid: 'nw-g', ipv4_network: '10.4.0.0', ipv4_prefix: 32 }],
  ['/lease_policies/lp-g/networks/nw-g', { ip_range_group_uuid: 'iprg-e' }],
  ['/lease_policies/lp-g/ip_leases', {}],
  ['/interfaces', { uuid: 'if-g', mode: 'vif', mac_address: '02:00:00:00:00:88' }],
  ['/lease_policies/lp-g/interfaces/if-g', {}],
  ['/lease_policies/lp-t/networks/nw-b', { ip_range_group_uuid: 'iprg-e' }],
  ['/interfaces', { uuid: 'if-t', mode: 'vif' }],
  ['/lease_policies/lp-t/interfaces/if-t', {}],
  ['/mac_leases', { interface_uuid: 'if-t', mac_address: '02:00:00:00:00:89', segment_uuid: 'seg-a' }],
  // What a network on the second hypervisor is by: made by a topology, so not taken off by hand.
  ...['u', 'w'].map((name) => ['/topologies', { uuid: `topo-${name}`, mode: 'simple_underlay' }] as const),
  ['/topologies', { uuid: 'topo-o', mode: 'simple_overlay' }],
  ['/topologies/topo-o/underlays/topo-u', {}],
  ['/topologies/topo-u/datapaths/dp-2', { interface_uuid: 'if-h2' }],
  ['/topologies/topo-u/mac_range_groups/mrg-a', {}],
  ...['networks/nw-t', 'segments/seg-t', 'route_links/rl-t'].flatMap((one) => topologyMember(one)),
]
