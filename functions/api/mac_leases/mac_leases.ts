import {
  type ApiApp,
  type ApiEnvironment,
  answer,
  api,
  type Draft,
  type InputOf,
  type Row,
  serve,
} from 'openvnet'
import { settle } from '../../state/settle.ts'
import { find, findOptional } from '../common/find.ts'
import { checkHost, leaseMac } from '../leases/lease.ts'
import { macLeases } from './operations.ts'

const { pageOf } = answer
const { create, list, show, update, remove } = macLeases.operations

function createMacLease(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'macLeases'> {
  const { state } = environment
  const owner = find(state, 'interfaces', input.interface_uuid, 'interface_uuid')
  const segment = findOptional(state, 'segments', input.segment_uuid, 'segment_uuid')
  const lease = leaseMac(environment, owner, { uuid: input.uuid, mac_address: input.mac_address, segment })
  settle(state, [owner.id])
  return lease
}

function moveMacLease({ uuid, interface_uuid }: InputOf<typeof update>, { state }: ApiEnvironment) {
  const lease = find(state, 'macLeases', uuid)
  const to = findOptional(state, 'interfaces', interface_uuid, 'interface_uuid')
  if (to === undefined || to.id === lease.interface_id) return lease
  const ipLeases = [...state.ipLeases.many('macLease', lease.id)]
  for (const ipLease of ipLeases) {
    checkHost(state, to, state.networks.get(ipLease.network_id)!, ipLease.ipv4_address)
    state.ipLeases.update(ipLease.id, { interface_id: to.id })
  }
  const moved = state.macLeases.update(lease.id, { interface_id: to.id })
  settle(state, lease.interface_id === null ? [to.id] : [lease.interface_id, to.id])
  return moved
}

function deleteMacLease(draft: Draft, lease: Row<'macLeases'>) {
  draft.macLeases.delete(lease.id)
  if (lease.interface_id !== null) settle(draft, [lease.interface_id])
}

export default api<ApiApp>({
  name: 'mac_leases',
  path: macLeases.path,
  routes: (app) => {
    serve(app, create, createMacLease)
    serve(app, list, (input, { state }) => pageOf(state.macLeases, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'macLeases', uuid))
    serve(app, update, moveMacLease)
    serve(app, remove, ({ uuid }, { state }) => {
      deleteMacLease(state, find(state, 'macLeases', uuid))
      return [uuid]
    })
  },
})
