/** Zones of connection tracking: apart from each other within a switch, 16 bits each. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import { id, times } from './columns.ts'
import { datapaths } from './datapaths.ts'
import { interfaces } from './interfaces.ts'
import { networks } from './networks.ts'
import { zonePurposes } from './words.ts'

/** Who has a zone on a datapath: an interface, for a purpose, there in one network or whatever network. */
export const conntrackZones = sqliteTable(
  'conntrack_zones',
  {
    id: id(),
    datapath_id: integer('datapath_id')
      .notNull()
      .references(() => datapaths.id, { onDelete: 'cascade' }),
    /** 0 is the one that packets are in by themselves. */
    zone: integer('zone').notNull(),
    purpose: text('purpose', { enum: zonePurposes }).notNull(),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    network_id: integer('network_id').references(() => networks.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('conntrack_zones_zone').on(t.datapath_id, t.zone),
    unique('conntrack_zones_owner').on(t.datapath_id, t.purpose, t.interface_id, t.network_id),
    index('conntrack_zones_interface').on(t.interface_id),
    index('conntrack_zones_network').on(t.network_id),
    check('zone_is_1_to_65535', sql`${t.zone} BETWEEN 1 AND 65535`),
  ],
)
