/** Addresses and ports whose connections are spread over members. */
import { sql } from 'drizzle-orm'
import { check, index, integer, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import { flag, id, times, uuid } from './columns.ts'
import { interfaces } from './interfaces.ts'
import { healthCheckModes, memberHealths, portProtocols } from './words.ts'

export const loadBalancers = sqliteTable(
  'load_balancers',
  {
    id: id(),
    uuid: uuid(),
    display_name: text('display_name'),
    /** Which has the address: in a network inside, or outside, where it translates. */
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    protocol: text('protocol', { enum: portProtocols }).notNull(),
    ipv4_address: integer('ipv4_address').notNull(),
    port_number: integer('port_number').notNull(),
    health_check: text('health_check', { enum: healthCheckModes }).notNull().default('none'),
    /** From one check to the next, in seconds. */
    health_interval: integer('health_interval').notNull().default(5),
    /** So many checks in a row without an answer, and a member is down. */
    health_failures: integer('health_failures').notNull().default(3),
    ...times(),
    /** What HTTP checks ask for, and the statuses that are good answers. */
    health_path: text('health_path').notNull().default('/'),
    health_status_min: integer('health_status_min').notNull().default(200),
    health_status_max: integer('health_status_max').notNull().default(399),
  },
  (t) => [
    index('load_balancers_interface').on(t.interface_id),
    unique('load_balancers_address').on(t.interface_id, t.protocol, t.ipv4_address, t.port_number),
    check('load_balancer_port_is_1_to_65535', sql`${t.port_number} BETWEEN 1 AND 65535`),
  ],
)

export const loadBalancerMembers = sqliteTable(
  'load_balancer_members',
  {
    id: id(),
    uuid: uuid(),
    load_balancer_id: integer('load_balancer_id')
      .notNull()
      .references(() => loadBalancers.id, { onDelete: 'cascade' }),
    /** Its address in the load balancer's network; null where an address is given. */
    interface_id: integer('interface_id').references(() => interfaces.id, { onDelete: 'cascade' }),
    ipv4_address: integer('ipv4_address'),
    port_number: integer('port_number').notNull(),
    weight: integer('weight').notNull().default(1),
    /** False: no connections, as if it were not there. */
    enabled: flag('enabled', true),
    /** It keeps its connections and gets no new ones. */
    draining: flag('draining'),
    health: text('health', { enum: memberHealths }).notNull().default('unknown'),
    ...times(),
  },
  (t) => [
    index('load_balancer_members_load_balancer').on(t.load_balancer_id),
    index('load_balancer_members_interface').on(t.interface_id),
    check(
      'load_balancer_member_is_an_interface_or_an_address',
      sql`(${t.interface_id} IS NULL) <> (${t.ipv4_address} IS NULL)`,
    ),
  ],
)
