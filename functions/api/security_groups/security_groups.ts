import {
  type ApiApp,
  type ApiEnvironment,
  answer,
  api,
  argumentError,
  type Draft,
  type InputOf,
  type Row,
  serve,
} from 'openvnet'
import { readRules } from '../../state/security-rules.ts'
import { find, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { joinGroup, leaveGroup, ofGroup } from './members.ts'
import { securityGroups } from './operations.ts'

const { pageOf } = answer
const { operations } = securityGroups
const { create, list, show, update, remove } = operations

/** A group may speak of itself, which its members hear anyway. */
function checkReferences(state: Draft, self: string, text: string | undefined): void {
  const rules = readRules(text ?? null)
  for (const rule of rules.ok ? rules.value : [])
    if (
      'groupUuid' in rule.peer &&
      rule.peer.groupUuid !== self &&
      state.securityGroups.one('uuid', rule.peer.groupUuid) === undefined
    )
      throw argumentError(`rules: Unknown security group uuid in rule '${rule.text}'`)
}

function createGroup(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'securityGroups'> {
  const { state } = environment
  const uuid = freeUuid(environment, 'securityGroups', input.uuid)
  const { display_name, description = null, rules = null } = input
  checkReferences(state, uuid, input.rules)
  return state.securityGroups.insert({ uuid, display_name, description, rules })
}

function updateGroup(input: InputOf<typeof update>, { state }: ApiEnvironment): Row<'securityGroups'> {
  const { uuid, ...changes } = input
  const row = find(state, 'securityGroups', uuid)
  checkReferences(state, row.uuid, changes.rules)
  return updateGiven(state.securityGroups, row, changes)
}

function routesOfInterfaces(app: ApiApp) {
  serve(
    app,
    operations.addInterface,
    ({ uuid, interface_uuid }, { state }) => joinGroup(state, uuid, interface_uuid, ofGroup).group,
  )
  serve(app, operations.listInterfaces, (input, { state }) => {
    const { id } = find(state, 'securityGroups', input.uuid)
    const members = state.securityGroupInterfaces.many('group', id)
    const page = pageOf(members, input)
    return { ...page, items: page.items.map(({ interface_id }) => state.interfaces.get(interface_id)!) }
  })
  serve(
    app,
    operations.removeInterface,
    ({ uuid, interface_uuid }, { state }) => leaveGroup(state, uuid, interface_uuid, ofGroup).group,
  )
}

export default api<ApiApp>({
  name: 'security_groups',
  path: securityGroups.path,
  routes: (app) => {
    serve(app, create, createGroup)
    serve(app, list, (input, { state }) => pageOf(state.securityGroups, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'securityGroups', uuid))
    serve(app, update, updateGroup)
    serve(app, remove, ({ uuid }, { state }) => {
      state.securityGroups.delete(find(state, 'securityGroups', uuid).id)
      return [uuid]
    })
    routesOfInterfaces(app)
  },
})
