/** What simulated interfaces do for a network. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
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
  },
  (t) => [index('network_services_interface').on(t.interface_id)],
)
