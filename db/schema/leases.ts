/** The addresses of interfaces. */
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, unique, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { flag, id, times, uuid } from './columns.ts'
import { interfaces } from './interfaces.ts'
import { networks, segments } from './networks.ts'

/** A MAC address is leased once in the whole system: MAC2MAC carries it through physical switches that know nothing of networks. */
export const macLeases = sqliteTable(
  'mac_leases',
  {
    id: id(),
    uuid: uuid(),
    interface_id: integer('interface_id').references(() => interfaces.id, { onDelete: 'cascade' }),
    mac_address: integer('mac_address').notNull().unique(),
    segment_id: integer('segment_id').references(() => segments.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [index('mac_leases_interface').on(t.interface_id), index('mac_leases_segment').on(t.segment_id)],
)

export const ipLeases = sqliteTable(
  'ip_leases',
  {
    id: id(),
    uuid: uuid(),
    /** Always the interface of its MAC lease. */
    interface_id: integer('interface_id').references(() => interfaces.id, { onDelete: 'cascade' }),
    mac_lease_id: integer('mac_lease_id').references(() => macLeases.id, { onDelete: 'cascade' }),
    network_id: integer('network_id')
      .notNull()
      .references(() => networks.id, { onDelete: 'cascade' }),
    /** 0 where it is not known, or where there is an IPv6 address alone. */
    ipv4_address: integer('ipv4_address').notNull(),
    enable_routing: flag('enable_routing'),
    ...times(),
    /** As text (RFC 5952); a lease has an address of either kind or both. */
    ipv6_address: text('ipv6_address'),
  },
  (t) => [
    uniqueIndex('ip_leases_address')
      .on(t.network_id, t.ipv4_address)
      .where(sql`ipv4_address <> 0 OR ipv6_address IS NULL`),
    unique('ip_leases_ipv6_address').on(t.network_id, t.ipv6_address),
    index('ip_leases_interface').on(t.interface_id),
    index('ip_leases_mac_lease').on(t.mac_lease_id),
  ],
)
