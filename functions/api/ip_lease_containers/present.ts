import type { Row } from 'openvnet'
import { times } from '../common/present.ts'

/** A container of IP leases as the API answers it. */
export const presentContainer = (row: Row<'ipLeaseContainers'>) => ({
  id: row.id,
  uuid: row.uuid,
  ...times(row),
})
