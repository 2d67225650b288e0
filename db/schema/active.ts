/** What is there now: ports that switches have, interfaces that are plugged in, and what they make active. */
import { index, integer, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import { flag, id, times } from './columns.ts'
import { datapaths } from './datapaths.ts'
import { interfaces } from './interfaces.ts'
import { networks, segments } from './networks.ts'

/** A port that a switch has now. It survives host and connection, and goes when the port is seen gone. */
export const activePorts = sqliteTable(
  'active_ports',
  {
    id: id(),
    datapath_id: integer('datapath_id')
      .notNull()
      .references(() => datapaths.id, { onDelete: 'cascade' }),
    port_name: text('port_name').notNull(),
    port_number: integer('port_number').notNull(),
    /** Open vSwitch's external_ids:iface-id of the port's interface, where set. */
    iface_id: text('iface_id'),
    ...times(),
    /** The bridge itself remembers this port as the one that leads to the physical network. */
    uplink: flag('uplink'),
    /** There is a carrier. */
    linked: flag('linked', true),
  },
  (t) => [
    unique('active_ports_name').on(t.datapath_id, t.port_name),
    unique('active_ports_number').on(t.datapath_id, t.port_number),
  ],
)

/** An interface that is plugged in now, and where. */
export const activeInterfaces = sqliteTable(
  'active_interfaces',
  {
    id: id(),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    datapath_id: integer('datapath_id')
      .notNull()
      .references(() => datapaths.id, { onDelete: 'cascade' }),
    port_name: text('port_name'),
    port_number: integer('port_number'),
    singular: integer('singular', { mode: 'boolean' }),
    ...times(),
  },
  (t) => [
    unique('active_interfaces_pair').on(t.interface_id, t.datapath_id),
    unique('active_interfaces_port').on(t.datapath_id, t.port_number),
    unique('active_interfaces_singular').on(t.interface_id, t.singular),
  ],
)

/** A network that has an active interface on the datapath. */
export const activeNetworks = sqliteTable(
  'active_networks',
  {
    id: id(),
    network_id: integer('network_id')
      .notNull()
      .references(() => networks.id, { onDelete: 'cascade' }),
    datapath_id: integer('datapath_id')
      .notNull()
      .references(() => datapaths.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('active_networks_pair').on(t.network_id, t.datapath_id),
    index('active_networks_datapath').on(t.datapath_id),
  ],
)

export const activeSegments = sqliteTable(
  'active_segments',
  {
    id: id(),
    segment_id: integer('segment_id')
      .notNull()
      .references(() => segments.id, { onDelete: 'cascade' }),
    datapath_id: integer('datapath_id')
      .notNull()
      .references(() => datapaths.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('active_segments_pair').on(t.segment_id, t.datapath_id),
    index('active_segments_datapath').on(t.datapath_id),
  ],
)
