import type { Row, State } from 'openvnet'
import { recordTypeOf } from '../../state/dns.ts'
import { times } from '../common/present.ts'
import { embedNetworkService } from '../network_services/present.ts'

/** A DNS service as the API answers it. */
export function presentDnsService(state: State, row: Row<'dnsServices'>) {
  const service = state.networkServices.get(row.network_service_id)!
  return {
    id: row.id,
    uuid: row.uuid,
    network_service_id: row.network_service_id,
    public_dns: row.public_dns,
    ...times(row),
    network_service: embedNetworkService(service),
    network_service_uuid: service.uuid,
  }
}

/** A record; its IPv4 address is an integer, as in OpenVNet. */
export const presentDnsRecord = (row: Row<'dnsRecords'>) => ({
  id: row.id,
  uuid: row.uuid,
  dns_service_id: row.dns_service_id,
  name: row.name,
  type: recordTypeOf(row),
  ipv4_address: row.ipv4_address,
  ipv6_address: row.ipv6_address,
  target: row.target,
  ttl: row.ttl,
  ...times(row),
})
