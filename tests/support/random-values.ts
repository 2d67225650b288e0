/** What random worlds are made of. */
import type { TableName } from '../../runtime/openvnet.ts'

export const modes = [
  ...(['vif', 'vif', 'vif', 'vif', 'internal', 'patch', 'simulated', 'simulated'] as const),
  ...(['host', 'host', 'promiscuous', 'promiscuous', 'edge', 'remote'] as const),
]
export const networkModes = ['virtual', 'virtual', 'physical', 'internal', null] as const
export const encapsulations = ['gre', 'vxlan', 'geneve', null] as const
export const ipv6Prefixes = [
  { ipv6_network: '::', ipv6_prefix: 0 },
  { ipv6_network: '2001:db8::', ipv6_prefix: 64 },
  { ipv6_network: '2001:db8::10', ipv6_prefix: 124 },
  { ipv6_network: '2001:db8::9', ipv6_prefix: 128 },
]
export const ipv6Networks = [
  { ipv6_network: '2001:db8::', ipv6_prefix: 64 },
  { ipv6_network: null, ipv6_prefix: null },
] as const
export const prefixes = [
  '0.0.0.0/0',
  '10.0.0.0/24',
  '10.0.0.0/24',
  '10.0.0.8/29',
  '10.0.0.9/32',
  '10.1.2.3/16',
] as const

/** What is unique in the schema, of what changes here. */
export const uniques: readonly [TableName, readonly string[]][] = [
  ['ipLeases', ['network_id', 'ipv4_address']],
  ['ipLeases', ['network_id', 'ipv6_address']],
  ['interfaceNetworks', ['interface_id', 'network_id']],
  ['activeInterfaces', ['interface_id', 'datapath_id']],
  ['addressHolders', ['network_id', 'ipv4_address']],
  ['addressHolders', ['network_id', 'ipv6_address']],
  ['interfacePorts', ['interface_id', 'datapath_id']],
  ['activeInterfaces', ['datapath_id', 'port_number']],
  ['activeNetworks', ['network_id', 'datapath_id']],
  ['activeVlans', ['network_id', 'vlan_id']],
  ['activeRouters', ['interface_id', 'network_id']],
  ['activePorts', ['datapath_id', 'port_name']],
  ['activePorts', ['datapath_id', 'port_number']],
  ['datapathNetworks', ['datapath_id', 'network_id']],
  ['interfaceSegments', ['interface_id', 'segment_id']],
  ['activeSegments', ['segment_id', 'datapath_id']],
  ['datapathSegments', ['datapath_id', 'segment_id']],
  ['leasePolicyNetworks', ['lease_policy_id', 'network_id']],
  ['leasePolicyInterfaces', ['lease_policy_id', 'interface_id']],
  ['securityGroupInterfaces', ['security_group_id', 'interface_id']],
  ['conntrackZones', ['datapath_id', 'zone']],
  ['conntrackZones', ['datapath_id', 'purpose', 'interface_id', 'network_id']],
]
export const removable = [
  ...(['ipLeases', 'interfaceNetworks', 'activeInterfaces', 'activeNetworks'] as const),
  ...([
    'activePorts',
    'datapathNetworks',
    'networkServices',
    'routes',
    'translations',
    'conntrackZones',
  ] as const),
  ...(['interfaceSegments', 'activeSegments', 'datapathSegments', 'activeVlans', 'activeRouters'] as const),
  ...(['securityGroupInterfaces', 'filterStatics', 'conntrackZones', 'loadBalancers'] as const),
]

/** Of what there is little. */
export const rarelyRemoved = [
  ...(['leasePolicyInterfaces', 'allowedAddresses', 'addressHolders', 'interfacePorts'] as const),
]
