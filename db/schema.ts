/**
 * The tables of the network's state. The columns keep the names that the API answers with; addresses are integers
 * (IPv4 as uint32, MAC as uint48), 64-bit datapath ids are text (`0x` and 16 hexadecimal digits), times are
 * milliseconds since 1970, booleans are 0 or 1 in SQL and true or false in rows.
 *
 * Rows that are deleted are gone: the change feed remembers them, and a uuid may be used again.
 */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'

const id = () => integer('id').primaryKey({ autoIncrement: true })
const times = () => ({
  created_at: integer('created_at').notNull(),
  updated_at: integer('updated_at').notNull(),
})
const flag = (name: string, otherwise = false) =>
  integer(name, { mode: 'boolean' }).notNull().default(otherwise)
const uuid = () => text('uuid').notNull().unique()

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

/** One row for each 24-bit key on the wire of a tunnel; the row's id is the key. A network and a segment never share one. */
export const tunnelKeys = sqliteTable(
  'tunnel_keys',
  {
    id: id(),
    kind: text('kind', { enum: ['network', 'segment', 'route_link'] }).notNull(),
    created_at: integer('created_at').notNull(),
  },
  (t) => [check('tunnel_key_is_24_bits', sql`${t.id} BETWEEN 1 AND 16777215`)],
)

export const segments = sqliteTable(
  'segments',
  {
    id: id(),
    uuid: uuid(),
    mode: text('mode', { enum: ['physical', 'virtual'] }).notNull(),
    tunnel_key_id: integer('tunnel_key_id')
      .notNull()
      .references(() => tunnelKeys.id),
    ...times(),
  },
  (t) => [index('segments_tunnel_key').on(t.tunnel_key_id)],
)

export const networks = sqliteTable(
  'networks',
  {
    id: id(),
    uuid: uuid(),
    display_name: text('display_name').notNull().default(''),
    ipv4_network: integer('ipv4_network').notNull(),
    ipv4_prefix: integer('ipv4_prefix').notNull().default(24),
    mode: text('mode', { enum: ['physical', 'virtual', 'internal'] }),
    domain_name: text('domain_name').notNull(),
    segment_id: integer('segment_id').references(() => segments.id, { onDelete: 'cascade' }),
    /** How its packets cross from one physical network to another; null means gre. */
    encapsulation: text('encapsulation', { enum: ['gre', 'vxlan', 'geneve'] }),
    tunnel_key_id: integer('tunnel_key_id')
      .notNull()
      .references(() => tunnelKeys.id),
    ...times(),
  },
  (t) => [
    index('networks_segment').on(t.segment_id),
    index('networks_tunnel_key').on(t.tunnel_key_id),
    check('ipv4_prefix_is_1_to_32', sql`${t.ipv4_prefix} BETWEEN 1 AND 32`),
  ],
)

export const interfaceModes = [
  'vif',
  'host',
  'internal',
  'patch',
  'promiscuous',
  'remote',
  'simulated',
  'edge',
] as const

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
  },
  (t) => [
    unique('interface_networks_pair').on(t.interface_id, t.network_id),
    index('interface_networks_mode').on(t.network_id, t.interface_mode),
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

/** A MAC address is leased once in the whole system: MAC2MAC carries it through physical switches that know nothing of networks. */
export const macLeases = sqliteTable(
  'mac_leases',
  {
    id: id(),
    uuid: uuid(),
    interface_id: integer('interface_id').references(() => interfaces.id, { onDelete: 'cascade' }),
    mac_address: integer('mac_address').notNull().unique(),
    segment_id: integer('segment_id').references(() => segments.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [index('mac_leases_interface').on(t.interface_id), index('mac_leases_segment').on(t.segment_id)],
)

export const ipLeases = sqliteTable(
  'ip_leases',
  {
    id: id(),
    uuid: uuid(),
    /** Always the interface of its MAC lease. */
    interface_id: integer('interface_id').references(() => interfaces.id, { onDelete: 'cascade' }),
    mac_lease_id: integer('mac_lease_id').references(() => macLeases.id, { onDelete: 'cascade' }),
    network_id: integer('network_id')
      .notNull()
      .references(() => networks.id, { onDelete: 'cascade' }),
    ipv4_address: integer('ipv4_address').notNull(),
    enable_routing: flag('enable_routing'),
    ...times(),
  },
  (t) => [
    unique('ip_leases_address').on(t.network_id, t.ipv4_address),
    index('ip_leases_interface').on(t.interface_id),
    index('ip_leases_mac_lease').on(t.mac_lease_id),
  ],
)

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
    ip_lease_id: integer('ip_lease_id').references(() => ipLeases.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('datapath_networks_pair').on(t.datapath_id, t.network_id),
    index('datapath_networks_network').on(t.network_id),
    index('datapath_networks_interface').on(t.interface_id),
    index('datapath_networks_ip_lease').on(t.ip_lease_id),
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
    ip_lease_id: integer('ip_lease_id').references(() => ipLeases.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('datapath_segments_pair').on(t.datapath_id, t.segment_id),
    index('datapath_segments_segment').on(t.segment_id),
    index('datapath_segments_interface').on(t.interface_id),
    index('datapath_segments_ip_lease').on(t.ip_lease_id),
  ],
)

export const networkServices = sqliteTable(
  'network_services',
  {
    id: id(),
    uuid: uuid(),
    display_name: text('display_name'),
    mode: text('mode', { enum: ['dhcp', 'dns', 'router'] }).notNull(),
    interface_id: integer('interface_id').references(() => interfaces.id, { onDelete: 'cascade' }),
    incoming_port: integer('incoming_port'),
    outgoing_port: integer('outgoing_port'),
    ...times(),
  },
  (t) => [index('network_services_interface').on(t.interface_id)],
)

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

/** Every version of every function, as one bundle; immutable. */
export const functionVersions = sqliteTable(
  'function_versions',
  {
    id: id(),
    name: text('name').notNull(),
    /** Counts up per function and is never used again. */
    version: integer('version').notNull(),
    /** SHA-256 of the bundle, hexadecimal. */
    digest: text('digest').notNull(),
    bundle: text('bundle').notNull(),
    created_at: integer('created_at').notNull(),
  },
  (t) => [
    unique('function_versions_number').on(t.name, t.version),
    unique('function_versions_digest').on(t.name, t.digest),
  ],
)

/**
 * Hosts that share this database: one row each, which only that host writes, every second and whenever somebody waits
 * for flows. Outside of the feed. Times are of the database's own clock, so that hosts' clocks may differ.
 */
export const hosts = sqliteTable('hosts', {
  /** New at every start. */
  id: text('id').primaryKey(),
  /** null: it serves the datapaths of every node. */
  node_id: text('node_id'),
  seen_at: integer('seen_at').notNull(),
  /** Until then it wants to hear soon how far the others are. */
  awaits_until: integer('awaits_until').notNull().default(0),
  /** The number of its version of the flow functions, in `function_versions`. */
  flows_version: integer('flows_version').notNull(),
  /** A JSON object: of each datapath that is connected to it, by id, the last revision whose flows it acknowledged; -1: none yet. */
  applied: text('applied').notNull(),
})

/**
 * The change feed: every insert, update and delete of a state table, written by triggers inside the writer's transaction.
 * Revisions only grow, and the sequence of this table is the revision of the whole state.
 */
export const changes = sqliteTable('changes', {
  revision: integer('revision').primaryKey({ autoIncrement: true }),
  table_name: text('table_name').notNull(),
  row_id: integer('row_id').notNull(),
  /** The row as a JSON object; null: it was inserted. */
  before: text('before'),
  /** null: it was deleted. */
  after: text('after'),
})

/** Rows that `INSERT OR REPLACE` may be about to take away, for the triggers of the change feed; empty between statements, or stale. */
export const feedReplaced = sqliteTable('feed_replaced', {
  table_name: text('table_name').notNull(),
  row_id: integer('row_id').notNull(),
  before: text('before').notNull(),
})

/** Tables whose rows the state view keeps in memory, in an order in which every row follows those that it refers to. */
export const stateTables = {
  datapaths,
  tunnelKeys,
  segments,
  networks,
  interfaces,
  interfacePorts,
  interfaceNetworks,
  interfaceSegments,
  macLeases,
  ipLeases,
  datapathNetworks,
  datapathSegments,
  networkServices,
  activePorts,
  activeInterfaces,
  activeNetworks,
  activeSegments,
} as const
