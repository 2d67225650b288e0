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
import { interfacesOfPolicy, waitingFor } from '../../state/waiting.ts'
import { find, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { allocateFree, allocateTo } from './allocate.ts'
import {
  addIpLeaseContainer,
  addIpRetentionContainer,
  removeIpLeaseContainer,
  removeIpRetentionContainer,
} from './containers.ts'
import { addInterface, addNetwork, removeInterface, removeNetwork } from './members.ts'
import { leasePolicies } from './operations.ts'

const { pageOf } = answer
const { operations } = leasePolicies

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
  serve(app, operations.create, create)
  serve(app, operations.list, (input, { state }) => pageOf(state.leasePolicies, input))
  serve(app, operations.show, ({ uuid }, { state }) => find(state, 'leasePolicies', uuid))
  serve(app, operations.update, update)
  serve(app, operations.remove, ({ uuid }, { state }) => {
    remove(state, find(state, 'leasePolicies', uuid))
    return [uuid]
  })
  serve(app, operations.addIpLease, ({ uuid, ip_lease_uuid, label = null }, environment) => {
    const policy = find(environment.state, 'leasePolicies', uuid)
    return allocateFree(environment, policy, { uuid: ip_lease_uuid, label })
  })
}

function routesOfRelations(app: ApiApp) {
  serve(app, operations.addNetwork, addNetwork)
  serve(app, operations.listNetworks, (input, { state }) => {
    const rows = state.leasePolicyNetworks.many('policy', find(state, 'leasePolicies', input.uuid).id)
    const networks = rows.map((row) => state.networks.get(row.network_id)!)
    return pageOf(networks, input)
  })
  serve(app, operations.removeNetwork, removeNetwork)
  serve(app, operations.addInterface, addInterface)
  serve(app, operations.listInterfaces, (input, { state }) => {
    const { id } = find(state, 'leasePolicies', input.uuid)
    const interfaces = interfacesOfPolicy(state, id).map((interfaceId) => state.interfaces.get(interfaceId)!)
    return pageOf(interfaces, input)
  })
  serve(app, operations.removeInterface, removeInterface)
}

function routesOfContainers(app: ApiApp) {
  serve(app, operations.addIpLeaseContainer, addIpLeaseContainer)
  serve(app, operations.listIpLeaseContainers, (input, { state }) => {
    const { id } = find(state, 'leasePolicies', input.uuid)
    const rows = state.leasePolicyIpLeaseContainers.many('policy', id)
    const containers = rows.map((row) => state.ipLeaseContainers.get(row.ip_lease_container_id)!)
    return pageOf(containers, input)
  })
  serve(app, operations.removeIpLeaseContainer, removeIpLeaseContainer)
  serve(app, operations.addIpRetentionContainer, addIpRetentionContainer)
  serve(app, operations.listIpRetentionContainers, (input, { state }) => {
    const { id } = find(state, 'leasePolicies', input.uuid)
    const rows = state.leasePolicyIpRetentionContainers.many('policy', id)
    const containers = rows.map((row) => state.ipRetentionContainers.get(row.ip_retention_container_id)!)
    return pageOf(containers, input)
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
