/** DNS services and their records as the API answers them. */
import { answer, type Row } from 'openvnet'
import { recordTypeOf, recordTypes } from '../../state/dns.ts'
import { identity, times, uuidField } from '../common/fields.ts'
import { embeddedNetworkService } from '../network_services/present.ts'

const { count, from, id, ipv4Integer, nullable, oneOf, shape, text } = answer

export const dnsService = shape(
  'DnsService',
  'What a network service of mode dns knows beside the names of interfaces.',
  {
    ...identity('dnsServices'),
    network_service_id: id('the network service'),
    public_dns: nullable(text('whom it asks for the rest: addresses with commas between them')),
    ...times,
    network_service: from(
      embeddedNetworkService,
      (row: Row<'dnsServices'>, state) => state.networkServices.get(row.network_service_id)!,
    ),
    network_service_uuid: from(
      uuidField('networkServices', 'the network service'),
      (row: Row<'dnsServices'>, state) => state.networkServices.get(row.network_service_id)!.uuid,
    ),
  },
)

export const dnsRecord = shape('DnsRecord', 'A record of a DNS service.', {
  ...identity('dnsRecords'),
  dns_service_id: id('the DNS service'),
  name: text('its name, as it was given'),
  type: from(oneOf(recordTypes, 'follows from what it has'), recordTypeOf),
  ipv4_address: nullable(ipv4Integer('of an A record')),
  ipv6_address: nullable(text('of an AAAA record')),
  target: nullable(text('the other name, of a CNAME or PTR record')),
  ttl: nullable(count('how long it may be remembered, in seconds; null: 300')),
  ...times,
})
