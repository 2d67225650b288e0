import {
  type ApiApp,
  type ApiEnvironment,
  ApiError,
  answer,
  api,
  argumentError,
  canonicalDnsName,
  type InputOf,
  type Row,
  serve,
} from 'openvnet'
import { recordTypeOf } from '../../state/dns.ts'
import { find, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { dnsServices } from './operations.ts'

const { pageOf } = answer
const { operations } = dnsServices
const { create, list, show, update, remove } = operations

function createService(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'dnsServices'> {
  const { state } = environment
  const uuid = freeUuid(environment, 'dnsServices', input.uuid)
  const service = find(state, 'networkServices', input.network_service_uuid, 'network_service_uuid')
  if (service.mode !== 'dns')
    throw argumentError(`network_service_uuid: ${service.uuid} is of mode ${service.mode}, not dns`)
  return state.dnsServices.insert({
    uuid,
    network_service_id: service.id,
    public_dns: input.public_dns ?? null,
  })
}

/** What makes the record's type: exactly one of three. */
function contentOf({ ipv4_address, ipv6_address, target }: InputOf<typeof operations.createRecord>) {
  const given = { ipv4_address, ipv6_address, target }
  const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]))
  if (names.length === 0) throw new ApiError('MissingArgument', 'ipv4_address')
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
  const record = state.dnsRecords.insert({
    uuid: freeUuid(environment, 'dnsRecords', input.uuid),
    dns_service_id: service.id,
    name: input.name,
    canonical_name: canonicalDnsName(input.name)!,
    ...contentOf(input),
    ttl: input.ttl ?? null,
  })
  checkAlone(state, record)
  return record
}

function removeRecord(input: InputOf<typeof operations.removeRecord>, { state }: ApiEnvironment): string[] {
  const service = find(state, 'dnsServices', input.dns_service_uuid)
  const record = find(state, 'dnsRecords', input.dns_record_uuid, 'dns_record_uuid')
  if (record.dns_service_id !== service.id)
    throw new ApiError(
      'UnknownResource',
      `Couldn't find resource with parameters: ${JSON.stringify({ dns_service_uuid: service.uuid, uuid: record.uuid })}`,
    )
  state.dnsRecords.delete(record.id)
  return [record.uuid]
}

function routesOfRecords(app: ApiApp) {
  serve(app, operations.createRecord, createRecord)
  serve(app, operations.listRecords, (input, { state }) => {
    const { id } = find(state, 'dnsServices', input.dns_service_uuid)
    return pageOf(state.dnsRecords.many('dnsService', id), input)
  })
  serve(app, operations.removeRecord, removeRecord)
}

export default api<ApiApp>({
  name: 'dns_services',
  path: dnsServices.path,
  routes: (app) => {
    serve(app, create, createService)
    serve(app, list, (input, { state }) => pageOf(state.dnsServices, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'dnsServices', uuid))
    serve(app, update, ({ uuid, ...changes }, { state }) =>
      updateGiven(state.dnsServices, find(state, 'dnsServices', uuid), changes),
    )
    serve(app, remove, ({ uuid }, { state }) => {
      state.dnsServices.delete(find(state, 'dnsServices', uuid).id)
      return [uuid]
    })
    routesOfRecords(app)
  },
})
