import {
  type ApiApp,
  type ApiEnvironment,
  ApiError,
  answer,
  api,
  argumentError,
  type Draft,
  formatIpv4,
  type InputOf,
  type Row,
  serve,
} from 'openvnet'
import { settleTranslations } from '../../state/translation-place.ts'
import { find, findOptional, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { loadBalancers } from './operations.ts'

const { pageOf } = answer
const { operations } = loadBalancers
const { create, list, show, update, remove } = operations

type HttpCheck = Pick<Row<'loadBalancers'>, 'health_path' | 'health_status_min' | 'health_status_max'>

const path = /^\/[\x21-\x7e]{0,199}$/

/** What goes into a request as it is must be what it says. */
function checkedHttp(check: HttpCheck): HttpCheck {
  const { health_path, health_status_min: min, health_status_max: max } = check
  if (!path.test(health_path))
    throw argumentError(
      'health_path: must begin with / and be at most 200 printable ASCII characters without spaces',
    )
  if (min > max) throw argumentError(`health_status_min: ${min} is above health_status_max, ${max}`)
  return check
}

function createLoadBalancer(
  input: InputOf<typeof create>,
  environment: ApiEnvironment,
): Row<'loadBalancers'> {
  const { state } = environment
  const { interface_uuid, uuid: given, ...rest } = input
  const uuid = freeUuid(environment, 'loadBalancers', given)
  const owner = find(state, 'interfaces', interface_uuid, 'interface_uuid')
  if (owner.mode !== 'simulated')
    throw argumentError(
      `interface_uuid: ${owner.uuid} must be a simulated interface, its mode is ${owner.mode}`,
    )
  const { protocol = 'tcp', ipv4_address, port_number } = rest
  const holder = state.loadBalancers.one('address', owner.id, protocol, ipv4_address, port_number)
  if (holder !== undefined)
    throw new ApiError(
      'AddressInUse',
      `port_number: ${formatIpv4(ipv4_address)}:${port_number} ${protocol} is ${holder.uuid}'s already`,
    )
  const row = state.loadBalancers.insert({
    ...{ uuid, interface_id: owner.id, protocol, ipv4_address, port_number },
    display_name: rest.display_name ?? null,
    health_check: rest.health_check ?? 'none',
    health_interval: rest.health_interval ?? 5,
    health_failures: rest.health_failures ?? 3,
    ...checkedHttp({
      health_path: rest.health_path ?? '/',
      health_status_min: rest.health_status_min ?? 200,
      health_status_max: rest.health_status_max ?? 399,
    }),
  })
  settleTranslations(state, owner.id)
  return row
}

/** Nobody checks any more, so nobody knows. */
function forgetHealth(draft: Draft, loadBalancerId: number): void {
  for (const { id, health } of [...draft.loadBalancerMembers.many('loadBalancer', loadBalancerId)])
    if (health !== 'unknown') draft.loadBalancerMembers.update(id, { health: 'unknown' })
}

function updateLoadBalancer({ uuid, ...changes }: InputOf<typeof update>, { state }: ApiEnvironment) {
  const before = find(state, 'loadBalancers', uuid)
  const row = updateGiven(state.loadBalancers, before, changes)
  checkedHttp(row)
  if (row.health_check !== before.health_check) forgetHealth(state, row.id)
  return row
}

type MemberInput = InputOf<typeof operations.createMember>

/** An interface or an address: one of them. */
function memberOf(state: Draft, { interface_uuid, ipv4_address }: MemberInput) {
  const iface = findOptional(state, 'interfaces', interface_uuid, 'interface_uuid')
  if (iface === undefined && ipv4_address === undefined)
    throw new ApiError('MissingArgument', 'interface_uuid')
  if (iface !== undefined && ipv4_address !== undefined)
    throw argumentError('ipv4_address: the member is an interface already')
  return { interface_id: iface?.id ?? null, ipv4_address: ipv4_address ?? null }
}

function createMember(input: MemberInput, environment: ApiEnvironment): Row<'loadBalancerMembers'> {
  const { state } = environment
  const balancer = find(state, 'loadBalancers', input.load_balancer_uuid)
  const uuid = freeUuid(environment, 'loadBalancerMembers', input.uuid)
  const who = memberOf(state, input)
  const port_number = input.port_number ?? balancer.port_number
  const twin = state.loadBalancerMembers
    .many('loadBalancer', balancer.id)
    .find(
      (row) =>
        row.interface_id === who.interface_id &&
        row.ipv4_address === who.ipv4_address &&
        row.port_number === port_number,
    )
  if (twin !== undefined) throw new ApiError('AlreadyRelated', `${balancer.uuid} <=> ${twin.uuid}`)
  const { weight = 1, enabled = true, draining = false } = input
  return state.loadBalancerMembers.insert({
    ...{ uuid, load_balancer_id: balancer.id, ...who, port_number },
    ...{ weight, enabled, draining, health: 'unknown' },
  })
}

function findMember(
  state: Draft,
  input: InputOf<typeof operations.removeMember>,
): Row<'loadBalancerMembers'> {
  const balancer = find(state, 'loadBalancers', input.load_balancer_uuid)
  const member = find(state, 'loadBalancerMembers', input.member_uuid, 'member_uuid')
  if (member.load_balancer_id === balancer.id) return member
  const parameters = { load_balancer_uuid: balancer.uuid, uuid: member.uuid }
  throw new ApiError(
    'UnknownResource',
    `Couldn't find resource with parameters: ${JSON.stringify(parameters)}`,
  )
}

function routesOfMembers(app: ApiApp) {
  serve(app, operations.createMember, createMember)
  serve(app, operations.listMembers, (input, { state }) => {
    const { id } = find(state, 'loadBalancers', input.load_balancer_uuid)
    return pageOf(state.loadBalancerMembers.many('loadBalancer', id), input)
  })
  serve(app, operations.updateMember, ({ weight, enabled, draining, ...names }, { state }) =>
    updateGiven(state.loadBalancerMembers, findMember(state, names), { weight, enabled, draining }),
  )
  serve(app, operations.removeMember, (input, { state }) => {
    const member = findMember(state, input)
    state.loadBalancerMembers.delete(member.id)
    return [member.uuid]
  })
}

export default api<ApiApp>({
  name: 'load_balancers',
  path: loadBalancers.path,
  routes: (app) => {
    serve(app, create, createLoadBalancer)
    serve(app, list, (input, { state }) => pageOf(state.loadBalancers, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'loadBalancers', uuid))
    serve(app, update, updateLoadBalancer)
    serve(app, remove, ({ uuid }, { state }) => {
      const row = find(state, 'loadBalancers', uuid)
      state.loadBalancers.delete(row.id)
      settleTranslations(state, row.interface_id)
      return [uuid]
    })
    routesOfMembers(app)
  },
})
