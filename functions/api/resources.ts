/** The resources of the API, as declared: what `vnctl` has commands for. */

import { datapaths } from './datapaths/operations.ts'
import { dnsServices } from './dns_services/operations.ts'
import { filters } from './filters/operations.ts'
import { interfaces } from './interfaces/operations.ts'
import { ipLeaseContainers } from './ip_lease_containers/operations.ts'
import { ipLeases } from './ip_leases/operations.ts'
import { ipRangeGroups } from './ip_range_groups/operations.ts'
import { ipRetentionContainers } from './ip_retention_containers/operations.ts'
import { leasePolicies } from './lease_policies/operations.ts'
import { loadBalancers } from './load_balancers/operations.ts'
import { macLeases } from './mac_leases/operations.ts'
import { macRangeGroups } from './mac_range_groups/operations.ts'
import { networkServices } from './network_services/operations.ts'
import { networks } from './networks/operations.ts'
import { routeLinks } from './route_links/operations.ts'
import { routes } from './routes/operations.ts'
import { securityGroups } from './security_groups/operations.ts'
import { segments } from './segments/operations.ts'
import { topologies } from './topologies/operations.ts'
import { translations } from './translations/operations.ts'
import { vlanTranslations } from './vlan_translations/operations.ts'

export const resources = [
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
