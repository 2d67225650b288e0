import {
  type ApiApp,
  type ApiEnvironment,
  ApiError,
  answer,
  api,
  argumentError,
  dhcpClientPort,
  dhcpServerPort,
  dnsPort,
  type InputOf,
  type Row,
  type ServiceMode,
  serve,
} from 'openvnet'
import { find, findOptional, freeUuid } from '../common/find.ts'
import { updateGiven } from '../common/given.ts'
import { networkServices } from './operations.ts'

const { pageOf } = answer
const { create, list, show, update, remove } = networkServices.operations

interface Ports {
  readonly incoming_port?: number
  readonly outgoing_port?: number
}

/** Where services are asked and answer; there is no choice. A router has no port. */
const portsOf: Readonly<Record<ServiceMode, Ports>> = {
  dhcp: { incoming_port: dhcpServerPort, outgoing_port: dhcpClientPort },
  dns: { incoming_port: dnsPort },
  router: {},
}

/** Refuses what would be kept and never do anything. */
function checkWorks(input: InputOf<typeof create>, mode: ServiceMode, owner?: Row<'interfaces'>): void {
  if (mode !== 'router' && owner !== undefined && owner.mode !== 'simulated')
    throw argumentError(
      `interface_uuid: ${owner.uuid} must be a simulated interface to offer ${mode}, its mode is ${owner.mode}`,
    )
  for (const name of ['incoming_port', 'outgoing_port'] as const) {
    const [given, only] = [input[name], portsOf[mode][name]]
    if (given !== undefined && only !== undefined && given !== only)
      throw argumentError(`${name}: must be ${only} for ${mode}, or left out`)
  }
}

type Boot = Partial<Pick<InputOf<typeof update>, 'next_server_ipv4_address' | 'boot_files'>>

/** What is given of what machines boot; nobody but DHCP tells them. */
function bootOf({ next_server_ipv4_address, boot_files }: Boot, mode: ServiceMode) {
  const given = {
    ...(next_server_ipv4_address === undefined
      ? {}
      : { next_server_ipv4_address: next_server_ipv4_address === 0 ? null : next_server_ipv4_address }),
    ...(boot_files === undefined ? {} : { boot_files }),
  }
  const [name] = Object.keys(given)
  if (name !== undefined && mode !== 'dhcp')
    throw argumentError(`${name}: only services of mode dhcp say what machines boot, this one is ${mode}`)
  return given
}

function createService(input: InputOf<typeof create>, environment: ApiEnvironment): Row<'networkServices'> {
  const { state } = environment
  const uuid = freeUuid(environment, 'networkServices', input.uuid)
  const owner = findOptional(state, 'interfaces', input.interface_uuid, 'interface_uuid')
  const mode = input.mode ?? input.type
  if (mode === undefined) throw new ApiError('MissingArgument', 'mode')
  checkWorks(input, mode, owner)
  return state.networkServices.insert({
    uuid,
    display_name: input.display_name ?? null,
    mode,
    interface_id: owner?.id ?? null,
    incoming_port: input.incoming_port ?? null,
    outgoing_port: input.outgoing_port ?? null,
    ...bootOf(input, mode),
  })
}

export default api<ApiApp>({
  name: 'network_services',
  path: networkServices.path,
  routes: (app) => {
    serve(app, create, createService)
    serve(app, list, (input, { state }) => pageOf(state.networkServices, input))
    serve(app, show, ({ uuid }, { state }) => find(state, 'networkServices', uuid))
    serve(app, update, ({ uuid, display_name, ...boot }, { state }) => {
      const service = find(state, 'networkServices', uuid)
      return updateGiven(state.networkServices, service, { display_name, ...bootOf(boot, service.mode) })
    })
    serve(app, remove, ({ uuid }, { state }) => {
      state.networkServices.delete(find(state, 'networkServices', uuid).id)
      return [uuid]
    })
  },
})
