/** Addresses beyond their leases that interfaces may have, and which of them has such an address now. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import { id, times } from './columns.ts'
import { interfaces } from './interfaces.ts'
import { networks } from './networks.ts'

/** What an interface may send from beside its leases: an address that moves between machines, or what is behind an appliance. */
export const allowedAddresses = sqliteTable(
  'allowed_addresses',
  {
    id: id(),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    /** Of IPv4 or, as text (RFC 5952), of IPv6. */
    ipv4_network: integer('ipv4_network'),
    ipv4_prefix: integer('ipv4_prefix'),
    ipv6_network: text('ipv6_network'),
    ipv6_prefix: integer('ipv6_prefix'),
    /** The MAC address of a virtual router (RFC 5798, 7.3) that it may have them under; null: its own alone. */
    mac_address: integer('mac_address'),
    ...times(),
  },
  (t) => [
    index('allowed_addresses_interface').on(t.interface_id),
    check('allowed_prefix_is_0_to_32', sql`${t.ipv4_prefix} BETWEEN 0 AND 32`),
    check('allowed_ipv6_prefix_is_0_to_128', sql`${t.ipv6_prefix} BETWEEN 0 AND 128`),
    check(
      'allowed_address_is_of_one_family',
      sql`(${t.ipv4_network} IS NULL) <> (${t.ipv6_network} IS NULL)`,
    ),
  ],
)

/** Which interface has an allowed address of a network, as it said last by ARP or neighbour discovery. */
export const addressHolders = sqliteTable(
  'address_holders',
  {
    id: id(),
    network_id: integer('network_id')
      .notNull()
      .references(() => networks.id, { onDelete: 'cascade' }),
    /** One of either family. */
    ipv4_address: integer('ipv4_address'),
    ipv6_address: text('ipv6_address'),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    /** The MAC address that it has the address under: its own, or that of a virtual router. */
    mac_address: integer('mac_address').notNull(),
    ...times(),
  },
  (t) => [
    unique('address_holders_address').on(t.network_id, t.ipv4_address),
    unique('address_holders_ipv6_address').on(t.network_id, t.ipv6_address),
    index('address_holders_mac').on(t.network_id, t.mac_address),
    index('address_holders_interface').on(t.interface_id),
    check('held_address_is_of_one_family', sql`(${t.ipv4_address} IS NULL) <> (${t.ipv6_address} IS NULL)`),
  ],
)
