import type { Row } from 'openvnet'
import { times, timeText } from '../common/present.ts'

/** A container of IP retentions as the API answers it. */
export const presentRetentionContainer = (row: Row<'ipRetentionContainers'>) => ({
  id: row.id,
  uuid: row.uuid,
  lease_time: row.lease_time,
  grace_time: row.grace_time,
  ...times(row),
})

/** A retention; `released_at` is null while the lease is somebody's. */
export const presentRetention = (row: Row<'ipRetentions'>) => ({
  id: row.id,
  ip_lease_id: row.ip_lease_id,
  ip_retention_container_id: row.ip_retention_container_id,
  leased_at: timeText(row.leased_at),
  released_at: row.released_at === null ? null : timeText(row.released_at),
  ...times(row),
})
