/** MAC leases as the API answers them. An address has no row of its own here: its id is that of its lease. */
import { answer, type Row } from 'openvnet'
import { identity, times } from '../common/fields.ts'
import { interfaceUuid, ownInterface } from '../interfaces/embedded.ts'

const { from, id, mac, macInteger, nullable, shape } = answer

/** What every answer with a MAC lease begins with; the address is text or an integer. */
export const macLeaseFields = <F extends answer.AnyField>(mac_address: F) => ({
  ...identity('macLeases'),
  interface_id: nullable(id('the interface that has it')),
  mac_address_id: from(id('of its address: its own number'), (row: Row<'macLeases'>) => row.id),
  ...times,
  mac_address,
  segment_id: nullable(id('the segment that the address is in')),
})

export const embeddedMacLease = shape(
  'EmbeddedMacLease',
  'A MAC lease within an IP lease: its address is an integer there.',
  macLeaseFields(macInteger('the address')),
)

export const macLease = shape('MacLease', 'A MAC address that is leased to an interface.', {
  ...macLeaseFields(mac('the address')),
  interface: ownInterface,
  interface_uuid: interfaceUuid,
})
