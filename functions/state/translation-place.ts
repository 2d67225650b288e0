/**
 * Where a router interface translates what has to be remembered: on one datapath, whose connection tracking knows all
 * connections of its addresses. The zone that it has there says so, as long as it can be there.
 */
import type { Draft, Row, State } from 'openvnet'
import { carrierOf } from '../flows/underlay.ts'
import { settleBalancing } from './balancing.ts'
import { isPhysical } from './networks.ts'
import { remembersConnections } from './translation.ts'
import { takeZone } from './zones.ts'

export type TranslationPlace = Row<'conntrackZones'>

/** undefined: nowhere. */
export const translationPlace = (state: State, interfaceId: number): TranslationPlace | undefined =>
  state.conntrackZones.many('interface', interfaceId).find(({ purpose }) => purpose === 'translation')

/** The datapaths that it can be on, best first: its owner alone, where it has one. */
function* placesOf(state: State, interfaceId: number): Generator<number> {
  const owners = state.interfacePorts
    .many('interface', interfaceId)
    .flatMap(({ datapath_id }) => datapath_id ?? [])
  const mayBe = (id: number) => owners.length === 0 || owners.includes(id)
  for (const { network_id } of state.interfaceNetworks.many('interface', interfaceId)) {
    const network = state.networks.get(network_id)
    if (network === undefined) continue
    const candidates = isPhysical(network)
      ? state.interfaceNetworks
          .many('networkMode', network_id, 'host')
          .flatMap((host) => state.activeInterfaces.many('interface', host.interface_id))
          .flatMap(({ datapath_id: id }) => (carrierOf(state, id, network_id) === undefined ? [] : [id]))
      : state.activeNetworks.many('network', network_id).map(({ datapath_id }) => datapath_id)
    for (const id of candidates) if (mayBe(id)) yield id
  }
}

/** Where it is to be: where it is, as long as it may be there. `null`: nowhere. */
function wantedPlace(state: State, interfaceId: number): number | null {
  if (!remembersConnections(state, interfaceId)) return null
  const held = translationPlace(state, interfaceId)?.datapath_id
  const allowed = [...placesOf(state, interfaceId)]
  if (held !== undefined && allowed.includes(held)) return held
  return allowed[0] ?? null
}

/** Whether nothing would change. */
export const isTranslationSettled = (state: State, interfaceId: number): boolean =>
  wantedPlace(state, interfaceId) === (translationPlace(state, interfaceId)?.datapath_id ?? null)

/** Brings the place of an interface in line with what it translates and where it can be. */
export function settleTranslation(draft: Draft, interfaceId: number): void {
  // A draft is read like the state.
  const state = draft as unknown as State
  const wanted = wantedPlace(state, interfaceId)
  const held = translationPlace(state, interfaceId)
  if (held?.datapath_id === wanted) return
  if (held !== undefined) draft.conntrackZones.delete(held.id)
  if (wanted !== null)
    takeZone(draft, { datapathId: wanted, purpose: 'translation', interfaceId, networkId: null })
}

/** After a change of an interface: of itself if it routes, of those that route into its physical networks if it is a host's. */
export function settleTranslations(draft: Draft, interfaceId: number): void {
  const mode = draft.interfaces.get(interfaceId)?.mode
  if (mode === 'simulated') {
    settleTranslation(draft, interfaceId)
    settleBalancing(draft, interfaceId)
  }
  if (mode !== 'host') return
  for (const { network_id } of draft.interfaceNetworks.many('interface', interfaceId))
    for (const member of draft.interfaceNetworks.many('networkMode', network_id, 'simulated'))
      settleTranslation(draft, member.interface_id)
}
