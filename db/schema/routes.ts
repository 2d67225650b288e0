/** Routes between networks, and the route links that join them. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import { flag, id, times, uuid } from './columns.ts'
import { interfaces } from './interfaces.ts'
import { networks, tunnelKeys } from './networks.ts'

/** The core of a virtual router: whoever comes in by one of its routes may leave by any other. */
export const routeLinks = sqliteTable(
  'route_links',
  {
    id: id(),
    uuid: uuid(),
    mac_address: integer('mac_address').notNull().unique(),
    /** The route link's number in registers of switches; networks, segments and route links never share one. */
    tunnel_key_id: integer('tunnel_key_id')
      .notNull()
      .references(() => tunnelKeys.id),
    ...times(),
  },
  (t) => [index('route_links_tunnel_key').on(t.tunnel_key_id)],
)

/** What a router interface has to do with a network: what comes in from there, what goes out there. */
export const routes = sqliteTable(
  'routes',
  {
    id: id(),
    uuid: uuid(),
    mode: text('mode', { enum: ['gateway'] })
      .notNull()
      .default('gateway'),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    route_link_id: integer('route_link_id')
      .notNull()
      .references(() => routeLinks.id, { onDelete: 'cascade' }),
    network_id: integer('network_id')
      .notNull()
      .references(() => networks.id, { onDelete: 'cascade' }),
    /** Of senders where it lets in, of destinations where it lets out: of IPv4 or, as text (RFC 5952), of IPv6. */
    ipv4_network: integer('ipv4_network'),
    ipv4_prefix: integer('ipv4_prefix'),
    ipv6_network: text('ipv6_network'),
    ipv6_prefix: integer('ipv6_prefix'),
    ingress: flag('ingress', true),
    egress: flag('egress', true),
    ...times(),
    /** The next hop in the network for what it lets out; null: destinations in the network are the next hops themselves. */
    ipv4_gateway: integer('ipv4_gateway'),
    /** The same of a route of IPv6. */
    ipv6_gateway: text('ipv6_gateway'),
  },
  (t) => [
    index('routes_interface').on(t.interface_id),
    index('routes_route_link').on(t.route_link_id),
    index('routes_network').on(t.network_id),
    check('route_prefix_is_0_to_32', sql`${t.ipv4_prefix} BETWEEN 0 AND 32`),
    check('ipv6_route_prefix_is_0_to_128', sql`${t.ipv6_prefix} BETWEEN 0 AND 128`),
    check('route_is_of_one_family', sql`(${t.ipv4_network} IS NULL) <> (${t.ipv6_network} IS NULL)`),
  ],
)

export const interfaceRouteLinks = sqliteTable(
  'interface_route_links',
  {
    id: id(),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    route_link_id: integer('route_link_id')
      .notNull()
      .references(() => routeLinks.id, { onDelete: 'cascade' }),
    static: flag('static'),
    ...times(),
  },
  (t) => [
    unique('interface_route_links_pair').on(t.interface_id, t.route_link_id),
    index('interface_route_links_route_link').on(t.route_link_id),
  ],
)
