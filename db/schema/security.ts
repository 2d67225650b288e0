/** What may pass at interfaces: security groups, and filters. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import { flag, id, times, uuid } from './columns.ts'
import { interfaces } from './interfaces.ts'
import { filterActions, filterModes, filterProtocols } from './words.ts'

/** Interfaces that trust each other, and whom else they hear. */
export const securityGroups = sqliteTable('security_groups', {
  id: id(),
  uuid: uuid(),
  display_name: text('display_name').notNull(),
  description: text('description'),
  /** As it was given: a rule a line, or several with commas between them; what follows `#` is a remark. */
  rules: text('rules'),
  ...times(),
})

export const securityGroupInterfaces = sqliteTable(
  'security_group_interfaces',
  {
    id: id(),
    security_group_id: integer('security_group_id')
      .notNull()
      .references(() => securityGroups.id, { onDelete: 'cascade' }),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('security_group_interfaces_pair').on(t.security_group_id, t.interface_id),
    index('security_group_interfaces_interface').on(t.interface_id),
  ],
)

/** What passes an interface with `enable_filtering`: its static rules, and what becomes of the rest. */
export const filters = sqliteTable(
  'filters',
  {
    id: id(),
    uuid: uuid(),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    mode: text('mode', { enum: filterModes }).notNull(),
    /** What no rule is about passes: to the interface, and from it. */
    ingress_passthrough: flag('ingress_passthrough'),
    egress_passthrough: flag('egress_passthrough'),
    ...times(),
  },
  (t) => [index('filters_interface').on(t.interface_id)],
)

/** A rule as packets to the interface have it; for those from it source and destination change places. */
export const filterStatics = sqliteTable(
  'filter_statics',
  {
    id: id(),
    filter_id: integer('filter_id')
      .notNull()
      .references(() => filters.id, { onDelete: 'cascade' }),
    protocol: text('protocol', { enum: filterProtocols }).notNull(),
    action: text('action', { enum: filterActions }).notNull(),
    src_address: integer('src_address').notNull(),
    src_prefix: integer('src_prefix').notNull(),
    dst_address: integer('dst_address').notNull(),
    dst_prefix: integer('dst_prefix').notNull(),
    /** Of TCP and UDP; 0: any. */
    src_port: integer('src_port'),
    dst_port: integer('dst_port'),
    ...times(),
    /** Of a rule about IPv6, which has all four, and no addresses of IPv4: 0/0. As RFC 5952 writes them. */
    ipv6_src_address: text('ipv6_src_address'),
    ipv6_src_prefix: integer('ipv6_src_prefix'),
    ipv6_dst_address: text('ipv6_dst_address'),
    ipv6_dst_prefix: integer('ipv6_dst_prefix'),
  },
  (t) => [
    index('filter_statics_filter').on(t.filter_id),
    check('prefixes_are_0_to_32', sql`${t.src_prefix} BETWEEN 0 AND 32 AND ${t.dst_prefix} BETWEEN 0 AND 32`),
  ],
)
