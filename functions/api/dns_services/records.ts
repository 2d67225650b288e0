/** The records of DNS services. */
import {
  type ApiApp,
  type ApiEnvironment,
  ApiError,
  answer,
  argumentError,
  canonicalRecordName,
  type InputOf,
  type Row,
  serve,
} from 'openvnet'
import { recordTypeOf } from '../../state/dns.ts'
import { find, freeUuid } from '../common/find.ts'
import { notRelated } from '../common/relation.ts'
import { dnsServices } from './operations.ts'

const { operations } = dnsServices

interface Content {
  readonly ipv4_address?: number | undefined
  readonly ipv6_address?: string | undefined
  readonly target?: string | undefined
}

/** What makes the record's type: exactly one of three. Undefined: none is given. */
function contentOf({ ipv4_address, ipv6_address, target }: Content) {
  const given = { ipv4_address, ipv6_address, target }
  const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (names.length === 0) return undefined
  if (names.length > 1) throw argumentError(`${names[1]}: the record has ${names[0]} already`)
  return {
    ipv4_address: ipv4_address ?? null,
    ipv6_address: ipv6_address ?? null,
    target: target ?? null,
  }
}

/** Where a name has a CNAME, it has nothing else (RFC 1034, 3.6.2). */
function checkAlone(state: ApiEnvironment['state'], record: Row<'dnsRecords'>) {
  const others = state.dnsRecords
    .many('name', record.dns_service_id, record.canonical_name)
    .filter(({ id }) => id !== record.id)
  const alias = [record, ...others].find((row) => recordTypeOf(row) === 'CNAME')
  if (alias === undefined || others.length === 0) return
  throw new ApiError(
    'DuplicateName',
    `name: ${record.name} has ${others[0]!.uuid} already, and a CNAME is alone under its name`,
  )
}

function createRecord(
  input: InputOf<typeof operations.createRecord>,
  environment: ApiEnvironment,
): Row<'dnsRecords'> {
  const { state } = environment
  const service = find(state, 'dnsServices', input.dns_service_uuid)
  const content = contentOf(input)
  if (content === undefined) throw new ApiError('MissingArgument', 'ipv4_address')
  const record = state.dnsRecords.insert({
    uuid: freeUuid(environment, 'dnsRecords', input.uuid),
    dns_service_id: service.id,
    name: input.name,
    canonical_name: canonicalRecordName(input.name)!,
    ...content,
    ttl: input.ttl ?? null,
  })
  checkAlone(state, record)
  return record
}

function recordOf(
  { dns_service_uuid, dns_record_uuid }: InputOf<typeof operations.removeRecord>,
  { state }: ApiEnvironment,
): Row<'dnsRecords'> {
  const service = find(state, 'dnsServices', dns_service_uuid)
  const record = find(state, 'dnsRecords', dns_record_uuid, 'dns_record_uuid')
  if (record.dns_service_id !== service.id)
    throw notRelated({ dns_service_uuid: service.uuid, uuid: record.uuid })
  return record
}

function updateRecord(
  input: InputOf<typeof operations.updateRecord>,
  environment: ApiEnvironment,
): Row<'dnsRecords'> {
  const { state } = environment
  const { name, ttl } = input
  const before = recordOf(input, environment)
  const named = name === undefined ? {} : { name, canonical_name: canonicalRecordName(name)! }
  const values = { ...named, ...contentOf(input), ...(ttl === undefined ? {} : { ttl }) }
  if (Object.keys(values).length === 0) return before
  const record = state.dnsRecords.update(before.id, values)
  checkAlone(state, record)
  return record
}

export function serveRecords(app: ApiApp): void {
  serve(app, operations.createRecord, createRecord)
  serve(app, operations.listRecords, (input, { state }) => {
    const { id } = find(state, 'dnsServices', input.dns_service_uuid)
    return answer.pageOf(state.dnsRecords.many('dnsService', id), input)
  })
  serve(app, operations.updateRecord, updateRecord)
  serve(app, operations.removeRecord, (input, environment) => {
    const record = recordOf(input, environment)
    environment.state.dnsRecords.delete(record.id)
    return [record.uuid]
  })
}
