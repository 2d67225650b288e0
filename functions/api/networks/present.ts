import { formatIpv4, type Row } from 'openvnet'
import { times } from '../common/present.ts'

type Network = Row<'networks'>

/** A network as the API answers it. */
export const presentNetwork = (row: Network) => ({
  id: row.id,
  uuid: row.uuid,
  display_name: row.display_name,
  ipv4_network: formatIpv4(row.ipv4_network),
  ipv4_prefix: row.ipv4_prefix,
  mode: row.mode,
  domain_name: row.domain_name,
  ...times(row),
  segment_id: row.segment_id,
  encapsulation: row.encapsulation ?? 'gre',
})

/** A network within another object: its address is an integer there. */
export const embedNetwork = (row: Network) => ({
  id: row.id,
  uuid: row.uuid,
  display_name: row.display_name,
  ipv4_network: row.ipv4_network,
  ipv4_prefix: row.ipv4_prefix,
  mode: row.mode,
  domain_name: row.domain_name,
  ...times(row),
  segment_id: row.segment_id,
})
