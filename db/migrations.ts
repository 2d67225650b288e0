/**
 * Every migration in order, as text: a compiled executable carries them with it. After a change of the schema,
 * `drizzle-kit generate --config db/drizzle.config.ts --name …` writes the next one; it is listed here, and what is
 * listed is never changed again.
 */
import initial from './migrations/0000_initial.sql' with { type: 'text' }
import hosts from './migrations/0001_hosts.sql' with { type: 'text' }
import uplink from './migrations/0002_uplink.sql' with { type: 'text' }
import keyIndexes from './migrations/0003_key_indexes.sql' with { type: 'text' }
import leaseOfCarrier from './migrations/0004_lease_of_carrier.sql' with { type: 'text' }
import freeTunnelKeys from './migrations/0005_free_tunnel_keys.sql' with { type: 'text' }
import feedMarks from './migrations/0006_feed_marks.sql' with { type: 'text' }
import leases from './migrations/0007_leases.sql' with { type: 'text' }
import routes from './migrations/0008_routes.sql' with { type: 'text' }
import dns from './migrations/0009_dns.sql' with { type: 'text' }
import translations from './migrations/0010_translations.sql' with { type: 'text' }
import ipv6 from './migrations/0011_ipv6.sql' with { type: 'text' }
import zones from './migrations/0012_zones.sql' with { type: 'text' }
import vlans from './migrations/0013_vlans.sql' with { type: 'text' }
import topologies from './migrations/0014_topologies.sql' with { type: 'text' }
import security from './migrations/0015_security.sql' with { type: 'text' }
import routeGateway from './migrations/0016_route_gateway.sql' with { type: 'text' }
import bootFiles from './migrations/0017_boot_files.sql' with { type: 'text' }
import translatedConnections from './migrations/0018_translated_connections.sql' with { type: 'text' }
import allowedAddresses from './migrations/0019_allowed_addresses.sql' with { type: 'text' }
import loadBalancers from './migrations/0020_load_balancers.sql' with { type: 'text' }
import ipv6Gateways from './migrations/0021_ipv6_gateways.sql' with { type: 'text' }
import activeRouters from './migrations/0022_active_routers.sql' with { type: 'text' }
import alarms from './migrations/0023_alarms.sql' with { type: 'text' }
import strangers from './migrations/0024_strangers.sql' with { type: 'text' }
import ipv6Filters from './migrations/0025_ipv6_filters.sql' with { type: 'text' }
import linkedPorts from './migrations/0026_linked_ports.sql' with { type: 'text' }
import deletedDatapaths from './migrations/0027_deleted_datapaths.sql' with { type: 'text' }
import httpChecks from './migrations/0028_http_checks.sql' with { type: 'text' }
import behindPorts from './migrations/0029_behind_ports.sql' with { type: 'text' }
import fences from './migrations/0030_fences.sql' with { type: 'text' }

export interface Migration {
  /** The name of its file without the ending; never changes. */
  readonly name: string
  readonly sql: string
}

export const migrations: readonly Migration[] = [
  { name: '0000_initial', sql: initial },
  { name: '0001_hosts', sql: hosts },
  { name: '0002_uplink', sql: uplink },
  { name: '0003_key_indexes', sql: keyIndexes },
  { name: '0004_lease_of_carrier', sql: leaseOfCarrier },
  { name: '0005_free_tunnel_keys', sql: freeTunnelKeys },
  { name: '0006_feed_marks', sql: feedMarks },
  { name: '0007_leases', sql: leases },
  { name: '0008_routes', sql: routes },
  { name: '0009_dns', sql: dns },
  { name: '0010_translations', sql: translations },
  { name: '0011_ipv6', sql: ipv6 },
  { name: '0012_zones', sql: zones },
  { name: '0013_vlans', sql: vlans },
  { name: '0014_topologies', sql: topologies },
  { name: '0015_security', sql: security },
  { name: '0016_route_gateway', sql: routeGateway },
  { name: '0017_boot_files', sql: bootFiles },
  { name: '0018_translated_connections', sql: translatedConnections },
  { name: '0019_allowed_addresses', sql: allowedAddresses },
  { name: '0020_load_balancers', sql: loadBalancers },
  { name: '0021_ipv6_gateways', sql: ipv6Gateways },
  { name: '0022_active_routers', sql: activeRouters },
  { name: '0023_alarms', sql: alarms },
  { name: '0024_strangers', sql: strangers },
  { name: '0025_ipv6_filters', sql: ipv6Filters },
  { name: '0026_linked_ports', sql: linkedPorts },
  { name: '0027_deleted_datapaths', sql: deletedDatapaths },
  { name: '0028_http_checks', sql: httpChecks },
  { name: '0029_behind_ports', sql: behindPorts },
  { name: '0030_fences', sql: fences },
]
