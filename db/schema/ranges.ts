/** Ranges that addresses are given from, in groups; begin and end belong to them. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { id, times, uuid } from './columns.ts'
import { ipAllocationTypes } from './words.ts'

export const ipRangeGroups = sqliteTable('ip_range_groups', {
  id: id(),
  uuid: uuid(),
  allocation_type: text('allocation_type', { enum: ipAllocationTypes }).notNull().default('incremental'),
  ...times(),
})

export const ipRanges = sqliteTable(
  'ip_ranges',
  {
    id: id(),
    uuid: uuid(),
    ip_range_group_id: integer('ip_range_group_id')
      .notNull()
      .references(() => ipRangeGroups.id, { onDelete: 'cascade' }),
    begin_ipv4_address: integer('begin_ipv4_address').notNull(),
    end_ipv4_address: integer('end_ipv4_address').notNull(),
    ...times(),
  },
  (t) => [
    index('ip_ranges_group').on(t.ip_range_group_id),
    check('ip_range_begins_before_it_ends', sql`${t.begin_ipv4_address} <= ${t.end_ipv4_address}`),
  ],
)

export const macRangeGroups = sqliteTable('mac_range_groups', {
  id: id(),
  uuid: uuid(),
  /** Any text, as it always was; addresses are given at random whatever it says. */
  allocation_type: text('allocation_type').notNull().default('random'),
  ...times(),
})

export const macRanges = sqliteTable(
  'mac_ranges',
  {
    id: id(),
    uuid: uuid(),
    mac_range_group_id: integer('mac_range_group_id')
      .notNull()
      .references(() => macRangeGroups.id, { onDelete: 'cascade' }),
    begin_mac_address: integer('begin_mac_address').notNull(),
    end_mac_address: integer('end_mac_address').notNull(),
    ...times(),
  },
  (t) => [
    index('mac_ranges_group').on(t.mac_range_group_id),
    check('mac_range_begins_before_it_ends', sql`${t.begin_mac_address} <= ${t.end_mac_address}`),
  ],
)
