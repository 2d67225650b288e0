/** Route links as the API answers them. */
import { answer, type Row } from 'openvnet'
import { identity, times } from '../common/fields.ts'

const { from, id, mac, shape } = answer

export const routeLink = shape('RouteLink', 'A route link: the core of a virtual router.', {
  ...identity('routeLinks'),
  mac_address_id: from(id('of its address: its own number'), (row: Row<'routeLinks'>) => row.id),
  ...times,
  mac_address: mac('its address, which nothing else has'),
})
