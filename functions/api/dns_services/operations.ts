/** DNS services: what a network service of mode dns knows beside the names of interfaces, and whom it asks. */
import { answer, operation, parameter, resource } from 'openvnet'
import { removed } from '../common/fields.ts'
import { models, newUuidOf, uuidOf } from '../common/models.ts'
import { dnsName, ipv6, publicDns, recordName } from './parameters.ts'
import { dnsRecord, dnsService } from './present.ts'

const { page } = answer
const { described, integer, ipv4, newUuid, optional, paging } = parameter

/** Seconds (RFC 2181, 8). */
const ttlMax = 2 ** 31 - 1

const keys = { uuid: uuidOf('dnsServices') }
/** Another name than `uuid`, which is the record's own in the parameters. */
const owner = { dns_service_uuid: uuidOf('dnsServices') }
const { model, prefix } = models.dnsRecords
const forwarding = described(
  optional(publicDns),
  'IPv4 and IPv6 addresses of servers with commas between them, asked in this order for what it does not know; empty: none',
)

const aboutName =
  "its name; one without a dot is found in the network's domain, too; `*` as the first label is whatever is not there itself; PTR is for names under in-addr.arpa and ip6.arpa"
/** What makes a record: one of three, and how long it lasts. */
const recordContent = {
  ipv4_address: described(optional(ipv4), 'makes an A record'),
  ipv6_address: described(optional(ipv6), 'makes an AAAA record'),
  target: described(optional(dnsName), 'another name; makes a CNAME record, or PTR'),
  ttl: described(optional(integer(0, ttlMax)), 'how long it may be remembered, in seconds; 300 by default'),
}

export const dnsServices = resource('dns_services', {
  create: operation({
    method: 'POST',
    path: '/',
    summary: 'Adds a DNS service to a network service of mode dns.',
    parameters: {
      uuid: newUuidOf('dnsServices'),
      network_service_uuid: described(uuidOf('networkServices'), 'the network service, of mode dns'),
      public_dns: forwarding,
    },
    answers: dnsService,
  }),
  list: operation({
    method: 'GET',
    path: '/',
    summary: 'Lists DNS services.',
    parameters: paging,
    answers: page(dnsService),
  }),
  show: operation({
    method: 'GET',
    path: '/:uuid',
    summary: 'Shows a DNS service.',
    keys,
    answers: dnsService,
  }),
  update: operation({
    method: 'PUT',
    path: '/:uuid',
    summary: 'Changes a DNS service.',
    keys,
    parameters: { public_dns: forwarding },
    answers: dnsService,
  }),
  remove: operation({
    method: 'DELETE',
    path: '/:uuid',
    summary: 'Deletes a DNS service, with its records.',
    keys,
    answers: removed('dnsServices'),
  }),
  createRecord: operation({
    method: 'POST',
    path: '/:dns_service_uuid/dns_records',
    summary: 'Adds a record: A, AAAA, CNAME or PTR, as what is given says. A name may have several.',
    keys: owner,
    parameters: {
      uuid: described(newUuid(model, prefix), `${prefix}- and 1 to 16 of a-z and 0-9`),
      name: described(recordName, aboutName),
      ...recordContent,
    },
    answers: dnsRecord,
    refusals: ['DuplicateName'],
  }),
  listRecords: operation({
    method: 'GET',
    path: '/:dns_service_uuid/dns_records',
    summary: 'Lists the records of a DNS service.',
    keys: owner,
    parameters: paging,
    answers: page(dnsRecord),
  }),
  updateRecord: operation({
    method: 'PUT',
    path: '/:dns_service_uuid/dns_records/:dns_record_uuid',
    summary: 'Changes a record: its name, what is under it, or how long that may be remembered.',
    keys: { ...owner, dns_record_uuid: uuidOf('dnsRecords') },
    parameters: { name: described(optional(recordName), aboutName), ...recordContent },
    answers: dnsRecord,
    refusals: ['DuplicateName', 'UnknownResource'],
  }),
  removeRecord: operation({
    method: 'DELETE',
    path: '/:dns_service_uuid/dns_records/:dns_record_uuid',
    summary: 'Deletes a record.',
    keys: { ...owner, dns_record_uuid: uuidOf('dnsRecords') },
    answers: removed('dnsRecords'),
    refusals: ['UnknownResource'],
  }),
})
