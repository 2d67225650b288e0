/** How addresses change where packets cross an interface. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { flag, id, times, uuid } from './columns.ts'
import { interfaces } from './interfaces.ts'
import { routeLinks } from './routes.ts'
import { portProtocols, translationModes } from './words.ts'

/** What an interface translates. */
export const translations = sqliteTable(
  'translations',
  {
    id: id(),
    uuid: uuid(),
    mode: text('mode', { enum: translationModes }).notNull(),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    /** What nothing translates passes as it is. */
    passthrough: flag('passthrough'),
    ...times(),
  },
  (t) => [index('translations_interface').on(t.interface_id)],
)

/** One address for another, or one port of an address for one of another: outside is ingress, inside is egress. */
export const translationStaticAddresses = sqliteTable(
  'translation_static_addresses',
  {
    id: id(),
    translation_id: integer('translation_id')
      .notNull()
      .references(() => translations.id, { onDelete: 'cascade' }),
    /** Whose networks the inner address is in; null: those of every route link of the interface. */
    route_link_id: integer('route_link_id').references(() => routeLinks.id, { onDelete: 'cascade' }),
    ingress_ipv4_address: integer('ingress_ipv4_address').notNull(),
    egress_ipv4_address: integer('egress_ipv4_address').notNull(),
    /** Of TCP and UDP; both or none. */
    ingress_port_number: integer('ingress_port_number'),
    egress_port_number: integer('egress_port_number'),
    ...times(),
  },
  (t) => [
    index('translation_static_addresses_translation').on(t.translation_id),
    index('translation_static_addresses_route_link').on(t.route_link_id),
    check(
      'translation_has_both_ports_or_none',
      sql`(${t.ingress_port_number} IS NULL) = (${t.egress_port_number} IS NULL)`,
    ),
  ],
)

/** A network inside whose machines share addresses outside for the connections that they make. */
export const translationSourceAddresses = sqliteTable(
  'translation_source_addresses',
  {
    id: id(),
    translation_id: integer('translation_id')
      .notNull()
      .references(() => translations.id, { onDelete: 'cascade' }),
    /** Whose networks the machines are in; null: those of every route link of the interface. */
    route_link_id: integer('route_link_id').references(() => routeLinks.id, { onDelete: 'cascade' }),
    egress_ipv4_network: integer('egress_ipv4_network').notNull(),
    egress_ipv4_prefix: integer('egress_ipv4_prefix').notNull().default(24),
    ingress_ipv4_address: integer('ingress_ipv4_address').notNull(),
    /** The last of several; null: there is one. */
    ingress_end_ipv4_address: integer('ingress_end_ipv4_address'),
    ...times(),
  },
  (t) => [
    index('translation_source_addresses_translation').on(t.translation_id),
    index('translation_source_addresses_route_link').on(t.route_link_id),
    check('translation_source_prefix_is_0_to_32', sql`${t.egress_ipv4_prefix} BETWEEN 0 AND 32`),
    check(
      'translation_source_pool_has_an_address',
      sql`${t.ingress_end_ipv4_address} IS NULL OR ${t.ingress_end_ipv4_address} >= ${t.ingress_ipv4_address}`,
    ),
  ],
)

/** Where connections go that are made from outside to an address, or to a port of it. */
export const translationDestinationAddresses = sqliteTable(
  'translation_destination_addresses',
  {
    id: id(),
    translation_id: integer('translation_id')
      .notNull()
      .references(() => translations.id, { onDelete: 'cascade' }),
    /** Whose networks the machine is in; null: those that let the sender in. */
    route_link_id: integer('route_link_id').references(() => routeLinks.id, { onDelete: 'cascade' }),
    /** null: both where there are ports, else every protocol. */
    protocol: text('protocol', { enum: portProtocols }),
    ingress_ipv4_address: integer('ingress_ipv4_address').notNull(),
    egress_ipv4_address: integer('egress_ipv4_address').notNull(),
    ingress_port_number: integer('ingress_port_number'),
    egress_port_number: integer('egress_port_number'),
    ...times(),
  },
  (t) => [
    index('translation_destination_addresses_translation').on(t.translation_id),
    index('translation_destination_addresses_route_link').on(t.route_link_id),
    check(
      'translation_destination_has_both_ports_or_none',
      sql`(${t.ingress_port_number} IS NULL) = (${t.egress_port_number} IS NULL)`,
    ),
  ],
)
