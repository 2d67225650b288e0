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
import { isPhysical, liesOn } from '../../state/networks.ts'
import { settle } from '../../state/settle.ts'
import { find, findOptional, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { vlanTranslations } from './operations.ts'
import { checkVlansUnambiguous } from './unambiguous.ts'

const { pageOf } = answer
const { create, list, show, update, remove } = vlanTranslations.operations
type VlanTranslation = Row<'vlanTranslations'>

/** Nothing is accepted that would carry nothing for ever. */
function check(translation: Row<'translations'>, network: Row<'networks'>): void {
  if (translation.mode !== 'vnet_edge')
    throw argumentError(
      `translation_uuid: ${translation.uuid} must be of mode vnet_edge, its mode is ${translation.mode}`,
    )
  if (isPhysical(network))
    throw argumentError(`network_uuid: ${network.uuid} is physical; a VLAN is a virtual or internal network`)
  if (liesOn(network))
    throw argumentError(`network_uuid: ${network.uuid} lies on a segment, which a VLAN cannot reach`)
}

const interfaceOf = (draft: Draft, { translation_id }: VlanTranslation) =>
  draft.translations.get(translation_id)!.interface_id

/** What the row makes of its interface, which is that of no other translation before or after. */
function settleRows(draft: Draft, interfaceIds: readonly number[]): void {
  for (const id of new Set(interfaceIds)) checkVlansUnambiguous(draft, id)
  settle(draft, interfaceIds)
}

function createVlan(input: InputOf<typeof create>, environment: ApiEnvironment): VlanTranslation {
  const { state } = environment
  const uuid = freeUuid(environment, 'vlanTranslations', input.uuid)
  const translation = find(state, 'translations', input.translation_uuid, 'translation_uuid')
  const network = find(state, 'networks', input.network_uuid, 'network_uuid')
  check(translation, network)
  const row = state.vlanTranslations.insert({
    uuid,
    translation_id: translation.id,
    network_id: network.id,
    vlan_id: input.vlan_id,
    mac_address: input.mac_address ?? null,
  })
  settleRows(state, [translation.interface_id])
  return row
}

function updateVlan(input: InputOf<typeof update>, { state }: ApiEnvironment): VlanTranslation {
  const before = find(state, 'vlanTranslations', input.uuid)
  const translation =
    findOptional(state, 'translations', input.translation_uuid, 'translation_uuid') ??
    state.translations.get(before.translation_id)!
  const network =
    findOptional(state, 'networks', input.network_uuid, 'network_uuid') ??
    state.networks.get(before.network_id)!
  check(translation, network)
  const { vlan_id, mac_address } = input
  const left = interfaceOf(state, before)
  const row = updateGiven(state.vlanTranslations, before, {
    translation_id: translation.id,
    network_id: network.id,
    vlan_id,
    mac_address,
  })
  settleRows(state, [left, translation.interface_id])
  return row
}

export default api<ApiApp>({
  name: 'vlan_translations',
  path: vlanTranslations.path,
  routes: (app) => {
    serve(app, create, createVlan)
    serve(app, list, (input, { state }) => pageOf(state.vlanTranslations, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'vlanTranslations', uuid))
    serve(app, update, updateVlan)
    serve(app, remove, ({ uuid }, { state }) => {
      const row = find(state, 'vlanTranslations', uuid)
      const interfaceId = interfaceOf(state, row)
      state.vlanTranslations.delete(row.id)
      settle(state, [interfaceId])
      return [uuid]
    })
  },
})
