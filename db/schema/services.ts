/** What simulated interfaces do for a network. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { id, times, uuid } from './columns.ts'
import { interfaces } from './interfaces.ts'
import { serviceModes } from './words.ts'

export const networkServices = sqliteTable(
  'network_services',
  {
    id: id(),
    uuid: uuid(),
    display_name: text('display_name'),
    mode: text('mode', { enum: serviceModes }).notNull(),
    interface_id: integer('interface_id').references(() => interfaces.id, { onDelete: 'cascade' }),
    incoming_port: integer('incoming_port'),
    outgoing_port: integer('outgoing_port'),
    ...times(),
    /** Of a DHCP service: where machines that boot from the network get their files. */
    next_server_ipv4_address: integer('next_server_ipv4_address'),
    /** `efi:a.efi,ipxe:http://b/c`: which machine boots which file. */
    boot_files: text('boot_files'),
  },
  (t) => [index('network_services_interface').on(t.interface_id)],
)

/** What a network service of mode dns knows beside the names of interfaces. */
export const dnsServices = sqliteTable(
  'dns_services',
  {
    id: id(),
    uuid: uuid(),
    network_service_id: integer('network_service_id')
      .notNull()
      .references(() => networkServices.id, { onDelete: 'cascade' }),
    /** Addresses with commas between them, without spaces: who is asked for everything else, in this order. */
    public_dns: text('public_dns'),
    ...times(),
  },
  (t) => [index('dns_services_network_service').on(t.network_service_id)],
)

/** One name's one address or target; what is there says the type. */
export const dnsRecords = sqliteTable(
  'dns_records',
  {
    id: id(),
    uuid: uuid(),
    dns_service_id: integer('dns_service_id')
      .notNull()
      .references(() => dnsServices.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    /** The name as it is looked up: in lower case, without a dot at its end. */
    canonical_name: text('canonical_name').notNull(),
    ipv4_address: integer('ipv4_address'),
    /** As text (RFC 5952). */
    ipv6_address: text('ipv6_address'),
    /** Another name: PTR for names of addresses (in-addr.arpa, ip6.arpa), else CNAME. */
    target: text('target'),
    /** Seconds; null: what is usual. */
    ttl: integer('ttl'),
    ...times(),
  },
  (t) => [
    index('dns_records_name').on(t.dns_service_id, t.canonical_name),
    check(
      'dns_record_is_of_one_type',
      sql`(${t.ipv4_address} IS NOT NULL) + (${t.ipv6_address} IS NOT NULL) + (${t.target} IS NOT NULL) = 1`,
    ),
  ],
)
