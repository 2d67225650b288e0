/** Datapaths: the switches that the network is made of. */
import { sql } from 'drizzle-orm'
import { check, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { flag, id, times, uuid } from './columns.ts'

export const datapaths = sqliteTable(
  'datapaths',
  {
    id: id(),
    uuid: uuid(),
    display_name: text('display_name').notNull(),
    dpid: text('dpid').notNull().unique(),
    node_id: text('node_id').notNull(),
    enable_ovs_learn_action: flag('enable_ovs_learn_action', true),
    /** Served although its OVSDB, and so its fail mode, is unknown. */
    trusted_fail_mode: flag('trusted_fail_mode'),
    ...times(),
  },
  (t) => [
    check('dpid_is_16_hexadecimal_digits', sql`${t.dpid} GLOB '0x[0-9a-f]*' AND length(${t.dpid}) = 18`),
  ],
)

/** Datapaths that were deleted, and neither cleared nor registered since: what their switches hold of ours is to go. */
export const deletedDatapaths = sqliteTable('deleted_datapaths', {
  id: id(),
  dpid: text('dpid').notNull().unique(),
  /** The port that led to the physical network: the host behind the switch must not be cut off with its tenants. */
  uplink_port_name: text('uplink_port_name'),
  ...times(),
})
