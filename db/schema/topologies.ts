/**
 * Topologies: which networks, segments and route links span which datapaths, said once for all. An underlay has
 * datapaths; what is in an overlay spans the datapaths of the underlays that it lies on.
 */
import { index, integer, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import { id, times, uuid } from './columns.ts'
import { datapaths } from './datapaths.ts'
import { interfaces } from './interfaces.ts'
import { ipLeases } from './leases.ts'
import { networks, segments } from './networks.ts'
import { macRangeGroups } from './ranges.ts'
import { routeLinks } from './routes.ts'
import { topologyModes } from './words.ts'

export const topologies = sqliteTable('topologies', {
  id: id(),
  uuid: uuid(),
  mode: text('mode', { enum: topologyModes }).notNull(),
  ...times(),
})

const topology = () =>
  integer('topology_id')
    .notNull()
    .references(() => topologies.id, { onDelete: 'cascade' })

export const topologyDatapaths = sqliteTable(
  'topology_datapaths',
  {
    id: id(),
    topology_id: topology(),
    datapath_id: integer('datapath_id')
      .notNull()
      .references(() => datapaths.id, { onDelete: 'cascade' }),
    /** The host interface of the datapath that carries what is in the topology. */
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    /** Which address of that interface; its first where this one is gone. */
    ip_lease_id: integer('ip_lease_id').references(() => ipLeases.id, { onDelete: 'set null' }),
    ...times(),
  },
  (t) => [
    unique('topology_datapaths_pair').on(t.topology_id, t.datapath_id),
    index('topology_datapaths_datapath').on(t.datapath_id),
    index('topology_datapaths_interface').on(t.interface_id),
    index('topology_datapaths_ip_lease').on(t.ip_lease_id),
  ],
)

export const topologyNetworks = sqliteTable(
  'topology_networks',
  {
    id: id(),
    topology_id: topology(),
    network_id: integer('network_id')
      .notNull()
      .references(() => networks.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('topology_networks_pair').on(t.topology_id, t.network_id),
    index('topology_networks_network').on(t.network_id),
  ],
)

export const topologySegments = sqliteTable(
  'topology_segments',
  {
    id: id(),
    topology_id: topology(),
    segment_id: integer('segment_id')
      .notNull()
      .references(() => segments.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('topology_segments_pair').on(t.topology_id, t.segment_id),
    index('topology_segments_segment').on(t.segment_id),
  ],
)

export const topologyRouteLinks = sqliteTable(
  'topology_route_links',
  {
    id: id(),
    topology_id: topology(),
    route_link_id: integer('route_link_id')
      .notNull()
      .references(() => routeLinks.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('topology_route_links_pair').on(t.topology_id, t.route_link_id),
    index('topology_route_links_route_link').on(t.route_link_id),
  ],
)

/** Where the MAC addresses of an underlay's relations come from. */
export const topologyMacRangeGroups = sqliteTable(
  'topology_mac_range_groups',
  {
    id: id(),
    topology_id: topology(),
    mac_range_group_id: integer('mac_range_group_id')
      .notNull()
      .references(() => macRangeGroups.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('topology_mac_range_groups_pair').on(t.topology_id, t.mac_range_group_id),
    index('topology_mac_range_groups_group').on(t.mac_range_group_id),
  ],
)

export const topologyLayers = sqliteTable(
  'topology_layers',
  {
    id: id(),
    overlay_id: integer('overlay_id')
      .notNull()
      .references(() => topologies.id, { onDelete: 'cascade' }),
    underlay_id: integer('underlay_id')
      .notNull()
      .references(() => topologies.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('topology_layers_pair').on(t.overlay_id, t.underlay_id),
    index('topology_layers_underlay').on(t.underlay_id),
  ],
)
