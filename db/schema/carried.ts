/** Which networks, segments and route links a datapath carries, and over which of its host interfaces. */
import { index, integer, sqliteTable, unique } from 'drizzle-orm/sqlite-core'
import { id, times } from './columns.ts'
import { datapaths } from './datapaths.ts'
import { interfaces } from './interfaces.ts'
import { ipLeases } from './leases.ts'
import { networks, segments } from './networks.ts'
import { routeLinks } from './routes.ts'
import { topologies, topologyLayers, topologyMacRangeGroups } from './topologies.ts'

/** What made the row, where that was a topology; nothing, where it was made by hand. */
const origin = () => ({
  topology_id: integer('topology_id').references(() => topologies.id, { onDelete: 'cascade' }),
  /** The layer, where the topology is an overlay. */
  topology_layer_id: integer('topology_layer_id').references(() => topologyLayers.id, {
    onDelete: 'cascade',
  }),
  /** Where its MAC address is from; null: made up. */
  topology_mac_range_group_id: integer('topology_mac_range_group_id').references(
    () => topologyMacRangeGroups.id,
    { onDelete: 'cascade' },
  ),
})

export const datapathNetworks = sqliteTable(
  'datapath_networks',
  {
    id: id(),
    datapath_id: integer('datapath_id')
      .notNull()
      .references(() => datapaths.id, { onDelete: 'cascade' }),
    network_id: integer('network_id')
      .notNull()
      .references(() => networks.id, { onDelete: 'cascade' }),
    /** The host interface of the datapath that carries the network. */
    interface_id: integer('interface_id').references(() => interfaces.id, { onDelete: 'cascade' }),
    /** A broadcast of the network travels to this datapath under this MAC where it is not encapsulated. */
    mac_address: integer('mac_address').notNull().unique(),
    /** Which address of that interface; its first where this one is gone. */
    ip_lease_id: integer('ip_lease_id').references(() => ipLeases.id, { onDelete: 'set null' }),
    ...times(),
    ...origin(),
  },
  (t) => [
    unique('datapath_networks_pair').on(t.datapath_id, t.network_id),
    index('datapath_networks_network').on(t.network_id),
    index('datapath_networks_interface').on(t.interface_id),
    index('datapath_networks_ip_lease').on(t.ip_lease_id),
    index('datapath_networks_topology').on(t.topology_id),
    index('datapath_networks_topology_layer').on(t.topology_layer_id),
    index('datapath_networks_topology_mac_range_group').on(t.topology_mac_range_group_id),
  ],
)

export const datapathSegments = sqliteTable(
  'datapath_segments',
  {
    id: id(),
    datapath_id: integer('datapath_id')
      .notNull()
      .references(() => datapaths.id, { onDelete: 'cascade' }),
    segment_id: integer('segment_id')
      .notNull()
      .references(() => segments.id, { onDelete: 'cascade' }),
    interface_id: integer('interface_id').references(() => interfaces.id, { onDelete: 'cascade' }),
    mac_address: integer('mac_address').notNull().unique(),
    ip_lease_id: integer('ip_lease_id').references(() => ipLeases.id, { onDelete: 'set null' }),
    ...times(),
    ...origin(),
  },
  (t) => [
    unique('datapath_segments_pair').on(t.datapath_id, t.segment_id),
    index('datapath_segments_segment').on(t.segment_id),
    index('datapath_segments_interface').on(t.interface_id),
    index('datapath_segments_ip_lease').on(t.ip_lease_id),
    index('datapath_segments_topology').on(t.topology_id),
    index('datapath_segments_topology_layer').on(t.topology_layer_id),
    index('datapath_segments_topology_mac_range_group').on(t.topology_mac_range_group_id),
  ],
)

export const datapathRouteLinks = sqliteTable(
  'datapath_route_links',
  {
    id: id(),
    datapath_id: integer('datapath_id')
      .notNull()
      .references(() => datapaths.id, { onDelete: 'cascade' }),
    route_link_id: integer('route_link_id')
      .notNull()
      .references(() => routeLinks.id, { onDelete: 'cascade' }),
    interface_id: integer('interface_id').references(() => interfaces.id, { onDelete: 'cascade' }),
    mac_address: integer('mac_address').notNull().unique(),
    ip_lease_id: integer('ip_lease_id').references(() => ipLeases.id, { onDelete: 'set null' }),
    ...times(),
    ...origin(),
  },
  (t) => [
    unique('datapath_route_links_pair').on(t.datapath_id, t.route_link_id),
    index('datapath_route_links_route_link').on(t.route_link_id),
    index('datapath_route_links_interface').on(t.interface_id),
    index('datapath_route_links_ip_lease').on(t.ip_lease_id),
    index('datapath_route_links_topology').on(t.topology_id),
    index('datapath_route_links_topology_layer').on(t.topology_layer_id),
    index('datapath_route_links_topology_mac_range_group').on(t.topology_mac_range_group_id),
  ],
)
