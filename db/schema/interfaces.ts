/** Interfaces, where they may be plugged in, and what they are in. */
import { index, integer, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import { flag, id, times, uuid } from './columns.ts'
import { datapaths } from './datapaths.ts'
import { networks, segments } from './networks.ts'
import { interfaceModes } from './words.ts'

export const interfaces = sqliteTable('interfaces', {
  id: id(),
  uuid: uuid(),
  mode: text('mode', { enum: interfaceModes }).notNull(),
  display_name: text('display_name'),
  enable_routing: flag('enable_routing'),
  enable_route_translation: flag('enable_route_translation'),
  enable_filtering: flag('enable_filtering'),
  enable_legacy_filtering: flag('enable_legacy_filtering'),
  ...times(),
  /** Its security groups decide what reaches it. */
  ingress_filtering_enabled: flag('ingress_filtering_enabled'),
  /** Of machines behind it that nobody has described: how many are learned in a network or segment; null: as many as usual. */
  mac_learning_limit: integer('mac_learning_limit'),
  /** For how many seconds one is known that is not heard; null: as long as usual. */
  mac_ageing_time: integer('mac_ageing_time'),
})

/** Where an interface may be plugged in: a port name (or iface-id), on one datapath or on any. */
export const interfacePorts = sqliteTable(
  'interface_ports',
  {
    id: id(),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    datapath_id: integer('datapath_id').references(() => datapaths.id, { onDelete: 'cascade' }),
    port_name: text('port_name'),
    /** true: active in one place at most. null: it may be active on many datapaths. */
    singular: integer('singular', { mode: 'boolean' }),
    interface_mode: text('interface_mode', { enum: interfaceModes }).notNull(),
    ...times(),
  },
  (t) => [
    unique('interface_ports_interface_datapath').on(t.interface_id, t.datapath_id),
    unique('interface_ports_name_datapath_singular').on(t.port_name, t.datapath_id, t.singular),
    index('interface_ports_datapath').on(t.datapath_id),
  ],
)

export const interfaceNetworks = sqliteTable(
  'interface_networks',
  {
    id: id(),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    network_id: integer('network_id')
      .notNull()
      .references(() => networks.id, { onDelete: 'cascade' }),
    /** A copy of the interface's mode, by which a network finds its few services among its many members. */
    interface_mode: text('interface_mode', { enum: interfaceModes }).notNull(),
    static: flag('static'),
    ...times(),
    /** What the interface is called in the network: its display name in lower case, where that can be a label of DNS. */
    host_name: text('host_name'),
    /** Whether something decides what passes at the interface: broadcasts find those where nothing does, and those. */
    filtered: flag('filtered'),
  },
  (t) => [
    unique('interface_networks_pair').on(t.interface_id, t.network_id),
    index('interface_networks_host_name').on(t.network_id, t.host_name),
    index('interface_networks_mode').on(t.network_id, t.interface_mode),
    index('interface_networks_filtered').on(t.network_id, t.filtered),
  ],
)

export const interfaceSegments = sqliteTable(
  'interface_segments',
  {
    id: id(),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    segment_id: integer('segment_id')
      .notNull()
      .references(() => segments.id, { onDelete: 'cascade' }),
    static: flag('static'),
    ...times(),
  },
  (t) => [
    unique('interface_segments_pair').on(t.interface_id, t.segment_id),
    index('interface_segments_segment').on(t.segment_id),
  ],
)
