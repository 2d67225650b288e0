/** Lease policies: which interfaces get addresses of which networks and ranges, when, and for how long. */
import { index, integer, sqliteTable, text, unique } from 'drizzle-orm/sqlite-core'
import { flag, id, times, uuid } from './columns.ts'
import { interfaces } from './interfaces.ts'
import { networks } from './networks.ts'
import { ipRangeGroups } from './ranges.ts'
import { ipLeaseContainers, ipRetentionContainers } from './retention.ts'
import { leasePolicyModes, leasePolicyTimings } from './words.ts'

export const leasePolicies = sqliteTable('lease_policies', {
  id: id(),
  uuid: uuid(),
  mode: text('mode', { enum: leasePolicyModes }).notNull().default('simple'),
  /** When an interface gets its address: as soon as it has the policy, or when it asks for one by DHCP. */
  timing: text('timing', { enum: leasePolicyTimings }).notNull().default('immediate'),
  ...times(),
})

const policy = () =>
  integer('lease_policy_id')
    .notNull()
    .references(() => leasePolicies.id, { onDelete: 'cascade' })

export const leasePolicyNetworks = sqliteTable(
  'lease_policy_base_networks',
  {
    id: id(),
    lease_policy_id: policy(),
    network_id: integer('network_id')
      .notNull()
      .references(() => networks.id, { onDelete: 'cascade' }),
    ip_range_group_id: integer('ip_range_group_id')
      .notNull()
      .references(() => ipRangeGroups.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('lease_policy_base_networks_pair').on(t.lease_policy_id, t.network_id),
    index('lease_policy_base_networks_network').on(t.network_id),
    index('lease_policy_base_networks_group').on(t.ip_range_group_id),
  ],
)

/** Where the next address is looked for; apart, so that what depends on a policy's networks is left alone by it. */
export const leasePolicyCursors = sqliteTable('lease_policy_cursors', {
  id: id(),
  lease_policy_network_id: integer('lease_policy_network_id')
    .notNull()
    .unique()
    .references(() => leasePolicyNetworks.id, { onDelete: 'cascade' }),
  /** The address that was given last. */
  ipv4_address: integer('ipv4_address').notNull(),
  ...times(),
})

export const leasePolicyInterfaces = sqliteTable(
  'lease_policy_base_interfaces',
  {
    id: id(),
    lease_policy_id: policy(),
    interface_id: integer('interface_id')
      .notNull()
      .references(() => interfaces.id, { onDelete: 'cascade' }),
    label: text('label'),
    ...times(),
    /** It was made for a machine behind another interface of the policy, and goes with the last of its leases. */
    found: flag('found'),
  },
  (t) => [
    unique('lease_policy_base_interfaces_pair').on(t.lease_policy_id, t.interface_id),
    index('lease_policy_base_interfaces_interface').on(t.interface_id),
  ],
)

export const leasePolicyIpLeaseContainers = sqliteTable(
  'lease_policy_ip_lease_containers',
  {
    id: id(),
    lease_policy_id: policy(),
    ip_lease_container_id: integer('ip_lease_container_id')
      .notNull()
      .references(() => ipLeaseContainers.id, { onDelete: 'cascade' }),
    label: text('label'),
    ...times(),
  },
  (t) => [
    unique('lease_policy_ip_lease_containers_pair').on(t.lease_policy_id, t.ip_lease_container_id),
    index('lease_policy_ip_lease_containers_container').on(t.ip_lease_container_id),
  ],
)

export const leasePolicyIpRetentionContainers = sqliteTable(
  'lease_policy_ip_retention_containers',
  {
    id: id(),
    lease_policy_id: policy(),
    ip_retention_container_id: integer('ip_retention_container_id')
      .notNull()
      .references(() => ipRetentionContainers.id, { onDelete: 'cascade' }),
    ...times(),
  },
  (t) => [
    unique('lease_policy_ip_retention_containers_pair').on(t.lease_policy_id, t.ip_retention_container_id),
    index('lease_policy_ip_retention_containers_container').on(t.ip_retention_container_id),
  ],
)
