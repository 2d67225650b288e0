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
import { checkUnambiguous, destinationAddresses, sourceAddresses, staticAddresses } from './addresses.ts'
import { createAddress, listAddresses, removeAddress } from './change-addresses.ts'
import { translations } from './operations.ts'

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
  const kinds = [staticAddresses, sourceAddresses, destinationAddresses]
  if (mode !== before.mode && kinds.some((kind) => kind.rows(state, before.id).length > 0))
    throw new ApiError(
      'DeleteRestrictionError',
      `${before.uuid} has addresses of ${before.mode}; delete those first`,
    )
  if (mode !== before.mode && state.vlanTranslations.many('translation', before.id).length > 0)
    throw new ApiError('DeleteRestrictionError', `${before.uuid} has vlan_translations; delete those first`)
  checkOwner(owner, mode)
  const row = updateGiven(state.translations, before, { mode, interface_id: owner.id, passthrough })
  if (owner.id !== before.interface_id) {
    checkUnambiguous(state, owner.id)
    checkVlansUnambiguous(state, owner.id)
  }
  settle(state, [before.interface_id, owner.id])
  return row
}

/** Both networks are told again where both are given, as in OpenVNet. */
const echoed = ({
  ingress_network_uuid,
  egress_network_uuid,
}: InputOf<typeof operations.createStaticAddress>) =>
  ingress_network_uuid !== undefined && egress_network_uuid !== undefined
    ? { ingress_network_uuid, egress_network_uuid }
    : {}

function routesOfAddresses(app: ApiApp) {
  const createStatic = createAddress(staticAddresses)
  serve(app, operations.createStaticAddress, (input, environment) => ({
    ...createStatic(input, environment),
    ...echoed(input),
  }))
  serve(app, operations.listStaticAddresses, listAddresses(staticAddresses))
  const ports = ['ingress_port_number', 'egress_port_number', 'route_link_id'] as const
  serve(app, operations.removeStaticAddress, removeAddress(staticAddresses, ports))
  serve(app, operations.createSourceAddress, createAddress(sourceAddresses))
  serve(app, operations.listSourceAddresses, listAddresses(sourceAddresses))
  const rest = ['ingress_end_ipv4_address', 'route_link_id'] as const
  serve(app, operations.removeSourceAddress, removeAddress(sourceAddresses, rest))
  serve(app, operations.createDestinationAddress, createAddress(destinationAddresses))
  serve(app, operations.listDestinationAddresses, listAddresses(destinationAddresses))
  serve(app, operations.removeDestinationAddress, removeAddress(destinationAddresses, ['protocol', ...ports]))
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
    routesOfAddresses(app)
  },
})
