/**
 * VLANs of legacy switches: which trunk ports reach a VLAN of a network, and which of them serves it (`active_vlans`).
 * Ports that carry the same VLAN of the same network are taken for ports of one legacy network: two that served it
 * would join it to itself.
 */
import type { Draft, Row, State } from 'openvnet'

/** A trunk port that reaches a VLAN. */
export interface TrunkPort {
  readonly interfaceId: number
  readonly datapathId: number
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
      .map(({ datapath_id }) => ({ interfaceId: owner.id, datapathId: datapath_id }))
    if (places.length > 0) ports.set(vlan_id, [...(ports.get(vlan_id) ?? []), ...places])
  }
  return ports
}

/** What is not known any more of a row that changes. */
export const unknown = { known_revision: null, acknowledged: false } as const

/** Who goes on without a pause: who serves, or another port of the same datapath, whose flows change at one stroke. */
const successorOf = (row: Row<'activeVlans'> | undefined, ports: readonly TrunkPort[]) =>
  row === undefined
    ? ports[0]
    : (ports.find((port) => port.interfaceId === row.interface_id && port.datapathId === row.datapath_id) ??
      ports.find((port) => port.datapathId === row.datapath_id))

/** Makes a port serve a VLAN that nobody serves, or that this very datapath has served. */
export function serveBy(
  draft: Draft,
  row: Row<'activeVlans'>,
  { interfaceId: interface_id, datapathId: datapath_id }: TrunkPort,
  leased: boolean,
): void {
  const isSame = row.interface_id === interface_id && row.datapath_id === datapath_id && row.leased === leased
  if (!isSame) draft.activeVlans.update(row.id, { interface_id, datapath_id, leased, ...unknown })
}

function deriveVlan(draft: Draft, network_id: number, vlan_id: number, ports: readonly TrunkPort[]): void {
  const row = draft.activeVlans.one('vlan', network_id, vlan_id)
  const successor = successorOf(row, ports)
  const leased = ports.length > 1
  if (row === undefined) {
    const { interfaceId: interface_id, datapathId: datapath_id } = successor!
    draft.activeVlans.insert({ network_id, vlan_id, interface_id, datapath_id, leased })
  } else if (successor !== undefined) serveBy(draft, row, successor, leased)
  else if (row.interface_id !== null) {
    // Its switch falls silent by itself only if it has the flows that do.
    const lapses = row.leased && row.acknowledged
    draft.activeVlans.update(row.id, { interface_id: null, leased: lapses, ...unknown })
  }
}

/**
 * Brings `active_vlans` of networks in line with the trunk ports that there are. Where a port is gone, the next one
 * waits until the switch of the first is known to be silent: the schedule `vlans` sees to that.
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
