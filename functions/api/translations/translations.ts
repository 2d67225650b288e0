import {
  type ApiApp,
  type ApiEnvironment,
  ApiError,
  answer,
  api,
  argumentError,
  type InputOf,
  type Row,
  serve,
  type TranslationMode,
} from 'openvnet'
import { settle } from '../../state/settle.ts'
import { find, findOptional, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { checkVlansUnambiguous } from '../vlan_translations/unambiguous.ts'
import { translations } from './operations.ts'
import { checkUnambiguous, createStaticAddress, removeStaticAddress } from './static-address.ts'

const { pageOf } = answer
const { operations } = translations
const { create, list, show, update, remove } = operations

/** Nothing is accepted that would translate nothing for ever. */
function checkOwner(owner: Row<'interfaces'>, mode: TranslationMode): void {
  const wanted = mode === 'vnet_edge' ? 'edge' : 'simulated'
  if (owner.mode !== wanted)
    throw argumentError(
      `interface_uuid: ${owner.uuid} must be of mode ${wanted} for ${mode}, its mode is ${owner.mode}`,
    )
}

function createTranslation(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'translations'> {
  const { state } = environment
  const uuid = freeUuid(environment, 'translations', input.uuid)
  const owner = find(state, 'interfaces', input.interface_uuid, 'interface_uuid')
  checkOwner(owner, input.mode)
  return state.translations.insert({
    uuid,
    mode: input.mode,
    interface_id: owner.id,
    passthrough: input.passthrough ?? false,
  })
}

function updateTranslation(input: InputOf<typeof update>, { state }: ApiEnvironment): Row<'translations'> {
  const before = find(state, 'translations', input.uuid)
  const owner =
    findOptional(state, 'interfaces', input.interface_uuid, 'interface_uuid') ??
    state.interfaces.get(before.interface_id)!
  const { mode = before.mode, passthrough } = input
  const addresses = state.translationStaticAddresses.many('translation', before.id)
  if (mode !== before.mode && addresses.length > 0)
    throw new ApiError('DeleteRestrictionError', `${before.uuid} has static addresses; delete those first`)
  if (mode !== before.mode && state.vlanTranslations.many('translation', before.id).length > 0)
    throw new ApiError('DeleteRestrictionError', `${before.uuid} has vlan_translations; delete those first`)
  checkOwner(owner, mode)
  const row = updateGiven(state.translations, before, { mode, interface_id: owner.id, passthrough })
  if (owner.id !== before.interface_id) {
    checkUnambiguous(state, owner.id, addresses)
    checkVlansUnambiguous(state, owner.id)
  }
  settle(state, [before.interface_id, owner.id])
  return row
}

export default api<ApiApp>({
  name: 'translations',
  path: translations.path,
  routes: (app) => {
    serve(app, create, createTranslation)
    serve(app, list, (input, { state }) => pageOf(state.translations, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'translations', uuid))
    serve(app, update, updateTranslation)
    serve(app, remove, ({ uuid }, { state }) => {
      const { id, interface_id } = find(state, 'translations', uuid)
      state.translations.delete(id)
      settle(state, [interface_id])
      return [uuid]
    })
    serve(app, operations.createStaticAddress, createStaticAddress)
    serve(app, operations.listStaticAddresses, (input, { state }) => {
      const { id } = find(state, 'translations', input.uuid)
      return pageOf(state.translationStaticAddresses.many('translation', id), input)
    })
    serve(app, operations.removeStaticAddress, removeStaticAddress)
  },
})
