import {
  type ApiApp,
  type ApiEnvironment,
  ApiError,
  answer,
  api,
  argumentError,
  type Draft,
  type InputOf,
  type Row,
  serve,
} from 'openvnet'
import { deleteLease, releaseLease, retainFrom } from '../../state/retention.ts'
import { settle } from '../../state/settle.ts'
import { find, findOptional } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { checkHost, joinSegment, leaseIp } from '../leases/lease.ts'
import { ipLeases } from './operations.ts'

const { pageOf } = answer
const { create, list, show, update, attach, release, remove } = ipLeases.operations

interface Destination {
  readonly mac_lease_uuid?: string | undefined
  readonly interface_uuid?: string | undefined
}

/** The MAC lease that is meant: named, or the first of the named interface; undefined where none is named. */
function macLeaseFor(
  draft: Draft,
  to: Destination,
  network: Row<'networks'>,
  address: number,
): Row<'macLeases'> | undefined {
  const owner = findOptional(draft, 'interfaces', to.interface_uuid, 'interface_uuid')
  const named = findOptional(draft, 'macLeases', to.mac_lease_uuid, 'mac_lease_uuid')
  const macLease = named ?? (owner && draft.macLeases.many('interface', owner.id)[0])
  if (macLease === undefined) {
    if (owner === undefined) return undefined
    throw argumentError(`interface_uuid: ${owner.uuid} has no MAC lease; add one first`)
  }
  if (owner !== undefined && macLease.interface_id !== owner.id)
    throw argumentError(`mac_lease_uuid: ${macLease.uuid} is not of ${owner.uuid}`)
  const holder =
    owner ?? (macLease.interface_id === null ? undefined : draft.interfaces.get(macLease.interface_id))
  if (holder !== undefined) checkHost(draft, holder, network, address)
  return joinSegment(draft, macLease, network)
}

const settleHolder = (draft: Draft, holder: { readonly interface_id: number | null }) => {
  if (holder.interface_id !== null) settle(draft, [holder.interface_id])
}

function createIpLease(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'ipLeases'> {
  const { state } = environment
  if (input.ipv4_address === undefined && input.ipv6_address === undefined)
    throw new ApiError('MissingArgument', 'ipv4_address')
  const network = find(state, 'networks', input.network_uuid, 'network_uuid')
  const macLease = macLeaseFor(state, input, network, input.ipv4_address ?? 0)
  const lease = leaseIp(environment, macLease, { ...input, network })
  settleHolder(state, lease)
  return lease
}

function attachIpLease(
  { uuid, ...to }: InputOf<typeof attach>,
  { state, now }: ApiEnvironment,
): Row<'ipLeases'> {
  const lease = find(state, 'ipLeases', uuid)
  if (lease.mac_lease_id !== null) throw argumentError(`uuid: ${uuid} is attached already; release it first`)
  const macLease = macLeaseFor(state, to, state.networks.get(lease.network_id)!, lease.ipv4_address)
  if (macLease === undefined) throw argumentError('interface_uuid: this or mac_lease_uuid must be given')
  const attached = state.ipLeases.update(lease.id, {
    mac_lease_id: macLease.id,
    interface_id: macLease.interface_id,
  })
  retainFrom(state, attached, now)
  settleHolder(state, attached)
  return attached
}

function releaseIpLease({ uuid }: InputOf<typeof release>, { state, now }: ApiEnvironment): Row<'ipLeases'> {
  const lease = find(state, 'ipLeases', uuid)
  if (lease.mac_lease_id === null) throw argumentError(`uuid: ${uuid} is not attached`)
  return releaseLease(state, lease, now)
}

export default api<ApiApp>({
  name: 'ip_leases',
  path: ipLeases.path,
  routes: (app) => {
    serve(app, create, createIpLease)
    serve(app, list, (input, { state }) => pageOf(state.ipLeases, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'ipLeases', uuid))
    serve(app, update, ({ uuid, ...changes }, { state }) =>
      updateGiven(state.ipLeases, find(state, 'ipLeases', uuid), changes),
    )
    serve(app, attach, attachIpLease)
    serve(app, release, releaseIpLease)
    serve(app, remove, ({ uuid }, { state }) => {
      deleteLease(state, find(state, 'ipLeases', uuid))
      return [uuid]
    })
  },
})
