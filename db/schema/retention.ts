/** Sets of IP leases: for whoever wants to find them together, and for how long they last. */
import { index, integer, sqliteTable, unique } from 'drizzle-orm/sqlite-core'
import { id, times, uuid } from './columns.ts'
import { ipLeases, macLeases } from './leases.ts'

export const ipLeaseContainers = sqliteTable('ip_lease_containers', {
  id: id(),
  uuid: uuid(),
  ...times(),
})

export const ipLeaseContainerIpLeases = sqliteTable(
  'ip_lease_container_ip_leases',
  {
    id: id(),
    ip_lease_container_id: integer('ip_lease_container_id')
      .notNull()
      .references(() => ipLeaseContainers.id, { onDelete: 'cascade' }),
    ip_lease_id: integer('ip_lease_id')
      .notNull()
      .references(() => ipLeases.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('ip_lease_container_ip_leases_pair').on(t.ip_lease_container_id, t.ip_lease_id),
    index('ip_lease_container_ip_leases_lease').on(t.ip_lease_id),
  ],
)

export const ipRetentionContainers = sqliteTable('ip_retention_containers', {
  id: id(),
  uuid: uuid(),
  /** Seconds from the lease of an address to its release; null: it is never released for its age. */
  lease_time: integer('lease_time'),
  /** Seconds from the release of an address until it is free again; null: it stays reserved. */
  grace_time: integer('grace_time'),
  ...times(),
})

export const ipRetentions = sqliteTable(
  'ip_retentions',
  {
    id: id(),
    ip_lease_id: integer('ip_lease_id')
      .notNull()
      .references(() => ipLeases.id, { onDelete: 'cascade' }),
    ip_retention_container_id: integer('ip_retention_container_id')
      .notNull()
      .references(() => ipRetentionContainers.id, { onDelete: 'cascade' }),
    leased_at: integer('leased_at').notNull(),
    /** null: it is leased still. */
    released_at: integer('released_at'),
    /** Who had it: a DHCP client that comes back within the grace time gets it again. */
    released_mac_lease_id: integer('released_mac_lease_id').references(() => macLeases.id, {
      onDelete: 'set null',
    }),
    ...times(),
  },
  (t) => [
    unique('ip_retentions_pair').on(t.ip_lease_id, t.ip_retention_container_id),
    index('ip_retentions_container').on(t.ip_retention_container_id),
    index('ip_retentions_released_mac_lease').on(t.released_mac_lease_id),
  ],
)
