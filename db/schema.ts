/**
 * The tables of the network's state. The columns keep the names that the API answers with; addresses are integers
 * (IPv4 as uint32, MAC as uint48), 64-bit datapath ids are text (`0x` and 16 hexadecimal digits), times are
 * milliseconds since 1970, booleans are 0 or 1 in SQL and true or false in rows.
 *
 * Rows that are deleted are gone: the change feed remembers them, and a uuid may be used again.
 */
import { activeInterfaces, activeNetworks, activePorts, activeSegments } from './schema/active.ts'
import { activeRouters } from './schema/active-routers.ts'
import { alarms } from './schema/alarms.ts'
import { addressHolders, allowedAddresses } from './schema/allowed.ts'
import { datapathNetworks, datapathRouteLinks, datapathSegments } from './schema/carried.ts'
import { datapaths, deletedDatapaths } from './schema/datapaths.ts'
import { interfaceNetworks, interfacePorts, interfaceSegments, interfaces } from './schema/interfaces.ts'
import {
  leasePolicies,
  leasePolicyCursors,
  leasePolicyInterfaces,
  leasePolicyIpLeaseContainers,
  leasePolicyIpRetentionContainers,
  leasePolicyNetworks,
} from './schema/lease-policies.ts'
import { ipLeases, macLeases } from './schema/leases.ts'
import { loadBalancerMembers, loadBalancers } from './schema/load-balancers.ts'
import { networks, segments, tunnelKeys } from './schema/networks.ts'
import { ipRangeGroups, ipRanges, macRangeGroups, macRanges } from './schema/ranges.ts'
import {
  ipLeaseContainerIpLeases,
  ipLeaseContainers,
  ipRetentionContainers,
  ipRetentions,
} from './schema/retention.ts'
import { interfaceRouteLinks, routeLinks, routes } from './schema/routes.ts'
import { filterStatics, filters, securityGroupInterfaces, securityGroups } from './schema/security.ts'
import { dnsRecords, dnsServices, networkServices } from './schema/services.ts'
import {
  topologies,
  topologyDatapaths,
  topologyLayers,
  topologyMacRangeGroups,
  topologyNetworks,
  topologyRouteLinks,
  topologySegments,
} from './schema/topologies.ts'
import {
  translationDestinationAddresses,
  translationSourceAddresses,
  translationStaticAddresses,
  translations,
} from './schema/translations.ts'
import { activeVlans, vlanTranslations } from './schema/vlans.ts'
import { conntrackZones } from './schema/zones.ts'

export * from './schema/active.ts'
export * from './schema/active-routers.ts'
export * from './schema/alarms.ts'
export * from './schema/allowed.ts'
export * from './schema/carried.ts'
export * from './schema/datapaths.ts'
export * from './schema/feed.ts'
export * from './schema/functions.ts'
export * from './schema/hosts.ts'
export * from './schema/interfaces.ts'
export * from './schema/lease-policies.ts'
export * from './schema/leases.ts'
export * from './schema/load-balancers.ts'
export * from './schema/networks.ts'
export * from './schema/ranges.ts'
export * from './schema/retention.ts'
export * from './schema/routes.ts'
export * from './schema/security.ts'
export * from './schema/services.ts'
export * from './schema/topologies.ts'
export * from './schema/translations.ts'
export * from './schema/vlans.ts'
export * from './schema/words.ts'
export * from './schema/zones.ts'

/** Tables whose rows the state view keeps in memory, in an order in which every row follows those that it refers to. */
export const stateTables = {
  datapaths,
  deletedDatapaths,
  tunnelKeys,
  segments,
  networks,
  interfaces,
  interfacePorts,
  interfaceNetworks,
  interfaceSegments,
  macLeases,
  ipLeases,
  allowedAddresses,
  addressHolders,
  routeLinks,
  routes,
  interfaceRouteLinks,
  ipRangeGroups,
  ipRanges,
  macRangeGroups,
  macRanges,
  topologies,
  topologyDatapaths,
  topologyNetworks,
  topologySegments,
  topologyRouteLinks,
  topologyMacRangeGroups,
  topologyLayers,
  datapathNetworks,
  datapathSegments,
  datapathRouteLinks,
  networkServices,
  ipLeaseContainers,
  ipLeaseContainerIpLeases,
  ipRetentionContainers,
  ipRetentions,
  leasePolicies,
  leasePolicyNetworks,
  leasePolicyCursors,
  leasePolicyInterfaces,
  leasePolicyIpLeaseContainers,
  leasePolicyIpRetentionContainers,
  dnsServices,
  dnsRecords,
  translations,
  translationStaticAddresses,
  translationSourceAddresses,
  translationDestinationAddresses,
  loadBalancers,
  loadBalancerMembers,
  securityGroups,
  securityGroupInterfaces,
  filters,
  filterStatics,
  conntrackZones,
  vlanTranslations,
  activePorts,
  activeInterfaces,
  activeNetworks,
  activeSegments,
  activeVlans,
  activeRouters,
  alarms,
} as const
