import { type ApiApp, type ApiEnvironment, api, type Draft, type InputOf, type Row, serve } from 'openvnet'
import { settle } from '../../state/settle.ts'
import { interfacesOfPolicy, waitingFor } from '../../state/waiting.ts'
import { find, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { pageOfList, pageOfTable, times } from '../common/present.ts'
import { presentInterface } from '../interfaces/present.ts'
import { presentContainer } from '../ip_lease_containers/present.ts'
import { presentRetentionContainer } from '../ip_retention_containers/present.ts'
import { presentIpLease } from '../leases/present.ts'
import { presentNetwork } from '../networks/present.ts'
import { allocateFree, allocateTo } from './allocate.ts'
import {
  addIpLeaseContainer,
  addIpRetentionContainer,
  removeIpLeaseContainer,
  removeIpRetentionContainer,
} from './containers.ts'
import { addInterface, addNetwork, removeInterface, removeNetwork } from './members.ts'
import { leasePolicies } from './operations.ts'

const { operations } = leasePolicies

const present = (row: Row<'leasePolicies'>) => ({
  id: row.id,
  uuid: row.uuid,
  mode: row.mode,
  timing: row.timing,
  ...times(row),
})

function create(
  { uuid, mode = 'simple', timing = 'immediate' }: InputOf<typeof operations.create>,
  environment: ApiEnvironment,
) {
  const free = freeUuid(environment, 'leasePolicies', uuid)
  return environment.state.leasePolicies.insert({ uuid: free, mode, timing })
}

/** Who waited for an address gets it now, or who has none waits from now on. */
function update({ uuid, timing }: InputOf<typeof operations.update>, environment: ApiEnvironment) {
  const { state } = environment
  const policy = find(state, 'leasePolicies', uuid)
  if (timing === undefined || timing === policy.timing) return policy
  const members = interfacesOfPolicy(state, policy.id)
  const waiting = members.flatMap((id) => {
    const found = waitingFor(state, id)
    return found?.policy.id === policy.id ? [{ owner: state.interfaces.get(id)!, label: found.label }] : []
  })
  const changed = updateGiven(state.leasePolicies, policy, { timing })
  for (const { owner, label } of waiting) allocateTo(environment, changed, owner, label)
  settle(state, members)
  return changed
}

function remove(draft: Draft, policy: Row<'leasePolicies'>) {
  const members = interfacesOfPolicy(draft, policy.id)
  draft.leasePolicies.delete(policy.id)
  settle(draft, members)
}

function routesOfRows(app: ApiApp) {
  serve(app, operations.create, (input, environment) => present(create(input, environment)))
  serve(app, operations.list, (input, { state }) => pageOfTable(state.leasePolicies, input, present))
  serve(app, operations.show, ({ uuid }, { state }) => present(find(state, 'leasePolicies', uuid)))
  serve(app, operations.update, (input, environment) => present(update(input, environment)))
  serve(app, operations.remove, ({ uuid }, { state }) => {
    remove(state, find(state, 'leasePolicies', uuid))
    return [uuid]
  })
  serve(app, operations.addIpLease, ({ uuid, ip_lease_uuid, label = null }, environment) => {
    const policy = find(environment.state, 'leasePolicies', uuid)
    const lease = allocateFree(environment, policy, { uuid: ip_lease_uuid, label })
    return presentIpLease(environment.state, lease)
  })
}

function routesOfRelations(app: ApiApp) {
  serve(app, operations.addNetwork, addNetwork)
  serve(app, operations.listNetworks, (input, { state }) => {
    const rows = state.leasePolicyNetworks.many('policy', find(state, 'leasePolicies', input.uuid).id)
    return pageOfList(rows, input, (row) => presentNetwork(state.networks.get(row.network_id)!))
  })
  serve(app, operations.removeNetwork, removeNetwork)
  serve(app, operations.addInterface, addInterface)
  serve(app, operations.listInterfaces, (input, { state }) => {
    const rows = state.leasePolicyInterfaces.many('policy', find(state, 'leasePolicies', input.uuid).id)
    return pageOfList(rows, input, (row) => presentInterface(state, state.interfaces.get(row.interface_id)!))
  })
  serve(app, operations.removeInterface, removeInterface)
}

function routesOfContainers(app: ApiApp) {
  serve(app, operations.addIpLeaseContainer, addIpLeaseContainer)
  serve(app, operations.listIpLeaseContainers, (input, { state }) => {
    const { id } = find(state, 'leasePolicies', input.uuid)
    return pageOfList(state.leasePolicyIpLeaseContainers.many('policy', id), input, (row) =>
      presentContainer(state.ipLeaseContainers.get(row.ip_lease_container_id)!),
    )
  })
  serve(app, operations.removeIpLeaseContainer, removeIpLeaseContainer)
  serve(app, operations.addIpRetentionContainer, addIpRetentionContainer)
  serve(app, operations.listIpRetentionContainers, (input, { state }) => {
    const { id } = find(state, 'leasePolicies', input.uuid)
    return pageOfList(state.leasePolicyIpRetentionContainers.many('policy', id), input, (row) =>
      presentRetentionContainer(state.ipRetentionContainers.get(row.ip_retention_container_id)!),
    )
  })
  serve(app, operations.removeIpRetentionContainer, removeIpRetentionContainer)
}

export default api<ApiApp>({
  name: 'lease_policies',
  path: leasePolicies.path,
  routes: (app) => {
    routesOfRows(app)
    routesOfRelations(app)
    routesOfContainers(app)
  },
})
