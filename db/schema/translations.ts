/** How addresses change where packets cross an interface. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { flag, id, times, uuid } from './columns.ts'
import { interfaces } from './interfaces.ts'
import { routeLinks } from './routes.ts'
import { translationModes } from './words.ts'

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
