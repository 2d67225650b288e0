/** For tests: requests that make a bit of everything. */

/** Two hypervisors, of which the first carries a network and a segment; networks on two segments; some machines. */
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
  ['/ip_leases', { uuid: 'il-r', network_uuid: 'nw-q', ipv4_address: '172.16.0.2' }],
]
