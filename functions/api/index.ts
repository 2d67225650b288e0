/** The API functions that are built in. */

import datapaths from './datapaths/datapaths.ts'
import dnsServices from './dns_services/dns_services.ts'
import filters from './filters/filters.ts'
import interfaces from './interfaces/interfaces.ts'
import ipLeaseContainers from './ip_lease_containers/ip_lease_containers.ts'
import ipLeases from './ip_leases/ip_leases.ts'
import ipRangeGroups from './ip_range_groups/ip_range_groups.ts'
import ipRetentionContainers from './ip_retention_containers/ip_retention_containers.ts'
import leasePolicies from './lease_policies/lease_policies.ts'
import loadBalancers from './load_balancers/load_balancers.ts'
import macLeases from './mac_leases/mac_leases.ts'
import macRangeGroups from './mac_range_groups/mac_range_groups.ts'
import networkServices from './network_services/network_services.ts'
import networks from './networks/networks.ts'
import routeLinks from './route_links/route_links.ts'
import routes from './routes/routes.ts'
import securityGroups from './security_groups/security_groups.ts'
import segments from './segments/segments.ts'
import topologies from './topologies/topologies.ts'
import translations from './translations/translations.ts'
import vlanTranslations from './vlan_translations/vlan_translations.ts'

export const apiFunctions = [
  datapaths,
  networks,
  segments,
  interfaces,
  macLeases,
  ipLeases,
  networkServices,
  ipRangeGroups,
  macRangeGroups,
  ipLeaseContainers,
  ipRetentionContainers,
  leasePolicies,
  routeLinks,
  routes,
  dnsServices,
  translations,
  loadBalancers,
  vlanTranslations,
  topologies,
  securityGroups,
  filters,
] as const
