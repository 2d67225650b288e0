/** Networks and segments, and the keys that they travel under in tunnels. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { flag, id, times, uuid } from './columns.ts'
import { encapsulations, networkModes, segmentModes } from './words.ts'

/** One row for each 24-bit key on the wire of a tunnel that was ever used; the row's id is the key. A network and a segment never share one. */
export const tunnelKeys = sqliteTable(
  'tunnel_keys',
  {
    id: id(),
    kind: text('kind', { enum: ['network', 'segment', 'route_link', 'free'] }).notNull(),
    created_at: integer('created_at').notNull(),
    /** When it was last given up, of one that is free. */
    freed_at: integer('freed_at'),
  },
  (t) => [check('tunnel_key_is_24_bits', sql`${t.id} BETWEEN 1 AND 16777215`)],
)

export const segments = sqliteTable(
  'segments',
  {
    id: id(),
    uuid: uuid(),
    mode: text('mode', { enum: segmentModes }).notNull(),
    tunnel_key_id: integer('tunnel_key_id')
      .notNull()
      .references(() => tunnelKeys.id),
    ...times(),
  },
  (t) => [index('segments_tunnel_key').on(t.tunnel_key_id)],
)

export const networks = sqliteTable(
  'networks',
  {
    id: id(),
    uuid: uuid(),
    display_name: text('display_name').notNull().default(''),
    ipv4_network: integer('ipv4_network').notNull(),
    ipv4_prefix: integer('ipv4_prefix').notNull().default(24),
    mode: text('mode', { enum: networkModes }),
    domain_name: text('domain_name').notNull(),
    segment_id: integer('segment_id').references(() => segments.id, { onDelete: 'cascade' }),
    /** How its packets cross from one physical network to another; null means gre. */
    encapsulation: text('encapsulation', { enum: encapsulations }),
    tunnel_key_id: integer('tunnel_key_id')
      .notNull()
      .references(() => tunnelKeys.id),
    ...times(),
    /** Beside IPv4, where it is not null: as text (RFC 5952). */
    ipv6_network: text('ipv6_network'),
    ipv6_prefix: integer('ipv6_prefix'),
    /** Of a physical network: promiscuous interfaces lead to it, and no host interface does. */
    behind_port: flag('behind_port'),
  },
  (t) => [
    index('networks_segment').on(t.segment_id),
    index('networks_tunnel_key').on(t.tunnel_key_id),
    check('ipv4_prefix_is_1_to_32', sql`${t.ipv4_prefix} BETWEEN 1 AND 32`),
  ],
)
