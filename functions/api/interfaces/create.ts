/** A new interface with its port and leases. */
import { type ApiEnvironment, ApiError, argumentError, type InputOf, type Row } from 'openvnet'
import { allow } from '../../state/allowed-addresses.ts'
import { settle } from '../../state/settle.ts'
import { find, findOptional, freeUuid } from '../common/find.ts'
import { checkHost, leaseIp, leaseMac } from '../leases/lease.ts'
import { macOfGroup } from '../leases/mac-ranges.ts'
import { checkSettings } from './many-behind.ts'
import type { interfaces } from './operations.ts'
import { addPort } from './ports.ts'
import { joinPromiscuous } from './promiscuous.ts'

type Input = InputOf<typeof interfaces.operations.create>

/** The segment of the MAC lease: the network's, where it lies on one. */
function segmentOf(environment: ApiEnvironment, input: Input, network: Row<'networks'> | undefined) {
  const { state } = environment
  const asked = findOptional(state, 'segments', input.segment_uuid, 'segment_uuid')
  if (network === undefined || network.segment_id === null) return asked
  if (asked !== undefined && asked.id !== network.segment_id)
    throw new ApiError(
      'InvalidID',
      `segment_uuid: ${network.uuid} lies on another segment than ${asked.uuid}`,
    )
  return state.segments.get(network.segment_id)
}

/**
 * The mode that is given. Clients of version 0.9 give none for a machine; of what says nothing at all it is asked, as
 * OpenVNet did afterwards.
 */
function modeOf(input: Input): Row<'interfaces'>['mode'] {
  const { mode, port_name, mac_address, mac_range_group_uuid, ingress_filtering_enabled } = input
  if (mode !== undefined) return mode
  if (
    [port_name, mac_address, mac_range_group_uuid, ingress_filtering_enabled].every(
      (one) => one === undefined,
    )
  )
    throw new ApiError('MissingArgument', 'mode')
  return 'vif'
}

/** An address without what it needs would be lost silently. A trunk port has none; clients give it one, in no network. */
function checkComplete(input: Input) {
  if (input.mode === 'edge') return
  for (const name of ['ipv4_address', 'ipv6_address'] as const) {
    if (input[name] === undefined) continue
    if (input.network_uuid === undefined) throw argumentError(`${name}: needs network_uuid`)
    if (input.mac_address === undefined && input.mac_range_group_uuid === undefined)
      throw argumentError(`${name}: needs mac_address or mac_range_group_uuid`)
  }
}

/** The given address, or one of the given group. */
function macOf({ state, random }: ApiEnvironment, input: Input): number | undefined {
  const group = findOptional(state, 'macRangeGroups', input.mac_range_group_uuid, 'mac_range_group_uuid')
  if (input.mac_address !== undefined || group === undefined) return input.mac_address
  return macOfGroup(state, group, () => random())
}

function leaseAddresses(environment: ApiEnvironment, owner: Row<'interfaces'>, input: Input) {
  const { state } = environment
  const network =
    input.network_uuid === undefined ? undefined : find(state, 'networks', input.network_uuid, 'network_uuid')
  const segment = segmentOf(environment, input, network)
  if (network !== undefined) checkHost(state, owner, network, input.ipv4_address ?? 0)
  const mac_address = macOf(environment, input)
  if (mac_address === undefined)
    return owner.mode === 'promiscuous' ? joinPromiscuous(state, owner, network, segment) : undefined
  const macLease = leaseMac(environment, owner, { mac_address, segment })
  const { ipv4_address, ipv6_address } = input
  if (network === undefined || (ipv4_address === undefined && ipv6_address === undefined)) return
  leaseIp(environment, macLease, { network, ipv4_address, ipv6_address })
}

/** Adds an interface, its port and its leases. */
export function createInterface(input: Input, environment: ApiEnvironment): Row<'interfaces'> {
  const { state } = environment
  const uuid = freeUuid(environment, 'interfaces', input.uuid)
  checkComplete(input)
  const datapath = findOptional(state, 'datapaths', input.owner_datapath_uuid, 'owner_datapath_uuid')
  const mode = modeOf(input)
  checkSettings({ uuid, mode }, input)
  const row = state.interfaces.insert({
    uuid,
    mode,
    display_name: input.display_name ?? null,
    enable_routing: input.enable_routing ?? false,
    enable_route_translation: input.enable_route_translation ?? false,
    enable_filtering: input.enable_filtering ?? false,
    ingress_filtering_enabled: input.ingress_filtering_enabled ?? false,
    mac_learning_limit: input.mac_learning_limit ?? null,
    mac_ageing_time: input.mac_ageing_time ?? null,
  })
  const somewhere = datapath !== undefined || input.port_name !== undefined
  addPort(state, row, { datapath, port_name: input.port_name ?? null, singular: somewhere })
  leaseAddresses(environment, row, input)
  allow(state, row.id, input.allowed_addresses ?? [])
  settle(state, [row.id])
  return row
}
