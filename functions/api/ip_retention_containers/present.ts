/** Containers of IP retentions as the API answers them. */
import { answer, type Row } from 'openvnet'
import { identity, times, uuidField } from '../common/fields.ts'

const { count, from, id, nullable, shape, time } = answer

export const ipRetentionContainer = shape('IpRetentionContainer', 'How long IP leases last.', {
  ...identity('ipRetentionContainers'),
  lease_time: nullable(count('seconds after which a lease is taken off its interface; null: never')),
  grace_time: nullable(count('seconds after that until its address is free again; null: never')),
  ...times,
})

export const ipRetention = shape('IpRetention', 'When an IP lease was leased and released.', {
  id: id('its number'),
  ip_lease_id: id('the IP lease'),
  ip_retention_container_id: id('the container that says how long it lasts'),
  leased_at: time('when the address was leased, or renewed last'),
  released_at: nullable(time('when the lease was taken off its interface; null while it is not')),
  ...times,
  ip_lease_uuid: from(
    uuidField('ipLeases', 'the IP lease'),
    (row: Row<'ipRetentions'>, state) => state.ipLeases.get(row.ip_lease_id)!.uuid,
  ),
})
