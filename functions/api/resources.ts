/** The resources of the API, as declared: what `vnctl` has commands for. */
import { datapaths } from './datapaths/operations.ts'
import { dnsServices } from './dns_services/operations.ts'
import { interfaces } from './interfaces/operations.ts'
import { ipLeases } from './ip_leases/operations.ts'
import { macLeases } from './mac_leases/operations.ts'
import { networkServices } from './network_services/operations.ts'
import { networks } from './networks/operations.ts'
import { segments } from './segments/operations.ts'

export const resources = [
  datapaths,
  networks,
  segments,
  interfaces,
  macLeases,
  ipLeases,
  networkServices,
  dnsServices,
] as const
