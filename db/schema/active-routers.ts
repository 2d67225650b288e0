/** Router interfaces that are spoken for from one datapath: to a physical network, or where connections are remembered. */
import { index, integer, sqliteTable, unique } from 'drizzle-orm/sqlite-core'
import { fence, flag, id, times } from './columns.ts'
import { datapaths } from './datapaths.ts'
import { interfaces } from './interfaces.ts'
import { networks } from './networks.ts'

/** Which datapath is a router interface to its network. There is a row as long as one may still speak for it. */
export const activeRouters = sqliteTable(
  'active_routers',
  {
    id: id(),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    network_id: integer('network_id')
      .notNull()
      .references(() => networks.id, { onDelete: 'cascade' }),
    /** The one that speaks; while nobody does, the one that did. */
    datapath_id: integer('datapath_id').references(() => datapaths.id, { onDelete: 'set null' }),
    /** No: nobody speaks until who did is certainly silent. */
    speaks: flag('speaks', true),
    ...fence(),
    ...times(),
    /** No switch has acknowledged flows by which it speaks, ever: a better one may be chosen without a pause. */
    is_new: flag('is_new'),
  },
  (t) => [
    unique('active_routers_router').on(t.interface_id, t.network_id),
    index('active_routers_network').on(t.network_id),
    index('active_routers_datapath').on(t.datapath_id),
  ],
)
