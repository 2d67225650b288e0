import { formatMac, type Row } from 'openvnet'
import { times } from '../common/present.ts'

/** A route link as the API answers it. */
export const presentRouteLink = (row: Row<'routeLinks'>) => ({
  id: row.id,
  uuid: row.uuid,
  mac_address_id: row.id,
  ...times(row),
  mac_address: formatMac(row.mac_address),
})
