import { type ApiApp, type ApiEnvironment, answer, api, type InputOf, type Row, serve } from 'openvnet'
import { deleteInterface, deriveActive } from '../../state/active.ts'
import { allow } from '../../state/allowed-addresses.ts'
import { settleFiltering } from '../../state/filtering.ts'
import { renameHost } from '../../state/names.ts'
import { settleSpans } from '../../state/topologies.ts'
import { presentPairs } from '../../state/topology-pairs.ts'
import { settleTranslations } from '../../state/translation-place.ts'
import { find, findOptional, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { joinGroup, leaveGroup, ofInterface } from '../security_groups/members.ts'
import { createInterface } from './create.ts'
import { checkSettings } from './many-behind.ts'
import { serveMembers } from './members.ts'
import { interfaces } from './operations.ts'
import { addPort, moveTo, removePorts } from './ports.ts'

const { pageOf } = answer
const { operations } = interfaces

function updateInterface(
  input: InputOf<typeof operations.update>,
  { state }: ApiEnvironment,
): Row<'interfaces'> {
  const { uuid, owner_datapath_uuid, allowed_addresses, ...changes } = input
  const row = find(state, 'interfaces', uuid)
  checkSettings(row, changes)
  const datapath = findOptional(state, 'datapaths', owner_datapath_uuid, 'owner_datapath_uuid')
  if (datapath !== undefined) {
    moveTo(state, row, datapath)
    deriveActive(state, { interfaceIds: [row.id] })
  }
  if (allowed_addresses !== undefined) allow(state, row.id, allowed_addresses)
  const updated = updateGiven(state.interfaces, row, changes)
  settleFiltering(state, row.id)
  settleTranslations(state, row.id)
  if (updated.display_name !== row.display_name) renameHost(state, row.id)
  return updated
}

function createPort(input: InputOf<typeof operations.createPort>, { state }: ApiEnvironment) {
  const owner = find(state, 'interfaces', input.uuid)
  const datapath = findOptional(state, 'datapaths', input.datapath_uuid, 'datapath_uuid')
  const port = addPort(state, owner, {
    datapath,
    port_name: input.port_name ?? null,
    singular: input.singular ?? false,
  })
  deriveActive(state, { interfaceIds: [owner.id] })
  return port
}

/** The names are told too: once a port is deleted, its interface no longer leads to them. */
function deletePorts(input: InputOf<typeof operations.removePorts>, { state }: ApiEnvironment) {
  const owner = find(state, 'interfaces', input.uuid)
  const portNames = state.interfacePorts.many('interface', owner.id).flatMap((port) => port.port_name ?? [])
  const removed = removePorts(state, owner, input)
  deriveActive(state, { interfaceIds: [owner.id], portNames })
  return removed
}

function routesOfRows(app: ApiApp) {
  serve(app, operations.create, createInterface)
  serve(app, operations.list, (input, { state }) => pageOf(state.interfaces, input))
  serve(app, operations.show, ({ uuid }, { state }) => find(state, 'interfaces', uuid))
  serve(app, operations.update, updateInterface)
  serve(app, operations.rename, ({ uuid, new_uuid }, environment) => {
    const { id } = find(environment.state, 'interfaces', uuid)
    if (new_uuid !== uuid)
      environment.state.interfaces.update(id, { uuid: freeUuid(environment, 'interfaces', new_uuid) })
    return [new_uuid]
  })
  serve(app, operations.remove, ({ uuid }, environment) => {
    const { state } = environment
    const { id } = find(state, 'interfaces', uuid)
    const carried = presentPairs(state, 'interface', id)
    deleteInterface(state, id)
    settleSpans(environment, carried)
    return [uuid]
  })
}

function routesOfRelations(app: ApiApp) {
  serve(app, operations.createPort, createPort)
  serve(app, operations.listPorts, (input, { state }) => {
    const owner = find(state, 'interfaces', input.uuid)
    return pageOf(state.interfacePorts.many('interface', owner.id), input)
  })
  serve(app, operations.removePorts, deletePorts)
  serveMembers(app)
}

function routesOfSecurityGroups(app: ApiApp) {
  serve(
    app,
    operations.addSecurityGroup,
    ({ uuid, security_group_uuid }, { state }) =>
      joinGroup(state, security_group_uuid, uuid, ofInterface).member,
  )
  serve(app, operations.listSecurityGroups, (input, { state }) => {
    const { id } = find(state, 'interfaces', input.uuid)
    const page = pageOf(state.securityGroupInterfaces.many('interface', id), input)
    return {
      ...page,
      items: page.items.map(({ security_group_id }) => state.securityGroups.get(security_group_id)!),
    }
  })
  serve(
    app,
    operations.removeSecurityGroup,
    ({ uuid, security_group_uuid }, { state }) =>
      leaveGroup(state, security_group_uuid, uuid, ofInterface).member,
  )
}

export default api<ApiApp>({
  name: 'interfaces',
  path: interfaces.path,
  routes: (app) => {
    routesOfRows(app)
    routesOfRelations(app)
    routesOfSecurityGroups(app)
  },
})
