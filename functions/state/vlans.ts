/**
 * VLANs of legacy switches: which trunk ports reach a VLAN of a network, and which of them serves it (`active_vlans`).
 * Ports that carry the same VLAN of the same network are taken for ports of one legacy network: two that served it
 * would join it to itself.
 */
import type { Draft, Row, State } from 'openvnet'
import { isLinked, linkedOf, unknown, withdrawn } from './fence.ts'
import { learnsMachines } from './mac-learning.ts'
import { isPhysical, liesOn } from './networks.ts'

/** A trunk port that reaches a VLAN. */
export interface TrunkPort {
  readonly interfaceId: number
  readonly datapathId: number
  /** Its cable is in. */
  readonly linked: boolean
}

/** The VLANs of a trunk port's interface. */
export const vlansOf = (state: State, interfaceId: number): Row<'vlanTranslations'>[] =>
  state.translations
    .many('interface', interfaceId)
    .filter(({ mode }) => mode === 'vnet_edge')
    .flatMap(({ id }) => state.vlanTranslations.many('translation', id))

/** The networks that an interface is in as a trunk port. */
export const networksOfEdge = (state: State, interfaceId: number): number[] =>
  state.interfaces.get(interfaceId)?.mode === 'edge'
    ? vlansOf(state, interfaceId).map(({ network_id }) => network_id)
    : []

/** The ports that are plugged in and reach each VLAN of a network; the oldest first. */
export function trunkPortsOf(state: State, networkId: number): Map<number, TrunkPort[]> {
  const ports = new Map<number, TrunkPort[]>()
  for (const { translation_id, vlan_id } of state.vlanTranslations.many('network', networkId)) {
    const translation = state.translations.get(translation_id)
    const owner = translation && state.interfaces.get(translation.interface_id)
    if (translation?.mode !== 'vnet_edge' || owner?.mode !== 'edge') continue
    const places = state.activeInterfaces
      .many('interface', owner.id)
      .filter(({ port_number }) => port_number !== null)
      .map(({ datapath_id, port_name }) => ({
        ...{ interfaceId: owner.id, datapathId: datapath_id },
        linked: isLinked(state, datapath_id, port_name),
      }))
    if (places.length > 0) ports.set(vlan_id, [...(ports.get(vlan_id) ?? []), ...places])
  }
  return ports
}

/** Who goes on without a pause, of those that have a link: who serves, or another port of the same datapath, whose flows change at one stroke. */
const successorOf = (row: Row<'activeVlans'> | undefined, ports: readonly TrunkPort[]) =>
  row === undefined
    ? ports[0]
    : (ports.find((port) => port.interfaceId === row.interface_id && port.datapathId === row.datapath_id) ??
      ports.find((port) => port.datapathId === row.datapath_id))

/** Makes a port serve a VLAN that nobody serves, or that this very datapath has served. */
export function serveBy(
  draft: Draft,
  row: Row<'activeVlans'>,
  { interfaceId: interface_id, datapathId: datapath_id }: Pick<TrunkPort, 'interfaceId' | 'datapathId'>,
  leased: boolean,
): void {
  const isSame = row.interface_id === interface_id && row.datapath_id === datapath_id && row.leased === leased
  if (!isSame) draft.activeVlans.update(row.id, { interface_id, datapath_id, leased, ...unknown })
}

function deriveVlan(draft: Draft, network_id: number, vlan_id: number, ports: readonly TrunkPort[]): void {
  const row = draft.activeVlans.one('vlan', network_id, vlan_id)
  const successor = successorOf(row, linkedOf(ports))
  const leased = ports.length > 1
  if (row === undefined) {
    const { interfaceId: interface_id, datapathId: datapath_id } = successor!
    draft.activeVlans.insert({ network_id, vlan_id, interface_id, datapath_id, leased })
  } else if (successor !== undefined) serveBy(draft, row, successor, leased)
  else if (row.interface_id !== null)
    draft.activeVlans.update(row.id, { interface_id: null, ...withdrawn(row) })
}

/**
 * Brings `active_vlans` of networks in line with the trunk ports that there are. Where a port is gone, the next one
 * waits until the switch of the first is known to be silent: the schedule `fail-over` sees to that.
 */
export function deriveActiveVlans(draft: Draft, networkIds: Iterable<number>): void {
  for (const networkId of new Set(networkIds)) {
    if (draft.networks.get(networkId) === undefined) continue
    const ports = trunkPortsOf(draft, networkId)
    const known = draft.activeVlans.many('network', networkId).map(({ vlan_id }) => vlan_id)
    for (const vlanId of new Set([...ports.keys(), ...known]))
      deriveVlan(draft, networkId, vlanId, ports.get(vlanId) ?? [])
  }
}

/**
 * Whether an interface has no port of ours: it stands for a legacy machine, which is wherever a port to a legacy switch, or a
 * promiscuous one, hears it, under the addresses that it has leased.
 */
export const isLegacyMachine = (state: State, interfaceId: number): boolean => {
  const mode = state.interfaces.get(interfaceId)?.mode
  return (
    mode === 'vif' &&
    state.interfacePorts.many('interface', interfaceId).every(({ port_name }) => port_name === null) &&
    state.activeInterfaces.many('interface', interfaceId).length === 0
  )
}

/** Who sends under a MAC at an interface: that interface, or the legacy machine with this MAC, where many are behind it. */
export function senderBehind(state: State, interfaceId: number, mac: number): number | undefined {
  const mode = state.interfaces.get(interfaceId)?.mode
  if (mode === undefined || !learnsMachines(mode)) return interfaceId
  const owner = state.macLeases.one('macAddress', mac)?.interface_id ?? undefined
  return owner !== undefined && isLegacyMachine(state, owner) ? owner : undefined
}

/** Whether a frame under a MAC may be of an interface: its own, or of a machine behind it, whoever that is. */
export const maySendAs = (state: State, interfaceId: number, mac: number): boolean => {
  const mode = state.interfaces.get(interfaceId)?.mode
  // Flows let no MAC of another interface in there.
  if (mode !== undefined && learnsMachines(mode)) return true
  return state.macLeases.one('macAddress', mac)?.interface_id === interfaceId
}

/** A VLAN that a port serves. */
export interface ServedVlan extends Omit<TrunkPort, 'linked'> {
  readonly port: number
  readonly networkId: number
  readonly vlanId: number
  /** Its flows pass frames only while a host says so. */
  readonly leased: boolean
}

function served(state: State, row: Row<'activeVlans'>): ServedVlan[] {
  const { interface_id: interfaceId, datapath_id: datapathId, network_id, vlan_id, leased } = row
  const network = state.networks.get(network_id)
  if (interfaceId === null || datapathId === null || network === undefined) return []
  const port = state.activeInterfaces.one('pair', interfaceId, datapathId)?.port_number ?? null
  const isEdge = state.interfaces.get(interfaceId)?.mode === 'edge'
  if (port === null || !isEdge || isPhysical(network) || liesOn(network)) return []
  return [{ interfaceId, datapathId, port, networkId: network_id, vlanId: vlan_id, leased }]
}

/** The first of those that are the same to `keyOf`: the API lets in no others. */
const firstBy = (
  vlans: readonly ServedVlan[],
  keyOf: (vlan: ServedVlan) => string | number,
): ServedVlan[] => [...new Map(vlans.toReversed().map((vlan) => [keyOf(vlan), vlan])).values()]

/** The VLANs of a network that some port serves. */
export const servedVlansOf = (state: State, networkId: number): ServedVlan[] =>
  firstBy(
    state.activeVlans.many('network', networkId).flatMap((row) => served(state, row)),
    ({ interfaceId, datapathId }) => `${interfaceId} ${datapathId}`,
  )

/** The VLANs that an interface's port on a datapath serves. */
export function servedVlansBy(state: State, interfaceId: number, datapathId: number): ServedVlan[] {
  const all = state.activeVlans
    .many('interface', interfaceId)
    .filter((row) => row.datapath_id === datapathId)
    .flatMap((row) => served(state, row))
  return firstBy(
    firstBy(all, ({ networkId }) => networkId),
    ({ vlanId }) => vlanId,
  )
}
