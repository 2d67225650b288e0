/** The API functions that are built in. */
import datapaths from './datapaths/datapaths.ts'
import dnsServices from './dns_services/dns_services.ts'
import interfaces from './interfaces/interfaces.ts'
import ipLeases from './ip_leases/ip_leases.ts'
import macLeases from './mac_leases/mac_leases.ts'
import networkServices from './network_services/network_services.ts'
import networks from './networks/networks.ts'
import segments from './segments/segments.ts'

export const apiFunctions = [
  datapaths,
  networks,
  segments,
  interfaces,
  macLeases,
  ipLeases,
  networkServices,
  dnsServices,
] as const
