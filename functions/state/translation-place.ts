/**
 * Where a router interface translates what has to be remembered: on the datapath that speaks for it, whose connection
 * tracking knows all connections of its addresses. The zone that it has there says so.
 */
import type { Draft, Row, State } from 'openvnet'
import { settleBalancing } from './balancing.ts'
import { areSpeakersSettled, rememberedIn, settleSpeakers, speakerIn } from './speakers.ts'
import { takeZone } from './zones.ts'

export type TranslationPlace = Row<'conntrackZones'>

/** undefined: nowhere. */
export const translationPlace = (state: State, interfaceId: number): TranslationPlace | undefined =>
  state.conntrackZones.many('interface', interfaceId).find(({ purpose }) => purpose === 'translation')

/** Where it is to be. Undefined: nowhere, or nowhere for now. */
function wantedPlace(state: State, interfaceId: number): number | undefined {
  const networkId = rememberedIn(state, interfaceId)
  return networkId === undefined ? undefined : speakerIn(state, interfaceId, networkId)
}

/** Whether nothing would change. */
export const isTranslationSettled = (state: State, interfaceId: number): boolean =>
  areSpeakersSettled(state, interfaceId) &&
  wantedPlace(state, interfaceId) === translationPlace(state, interfaceId)?.datapath_id

/** Connections are remembered where the interface speaks. */
export function followSpeaker(draft: Draft, interfaceId: number): void {
  // A draft is read like the state.
  const state = draft as unknown as State
  const wanted = wantedPlace(state, interfaceId)
  const held = translationPlace(state, interfaceId)
  if (held?.datapath_id === wanted) return
  if (held !== undefined) draft.conntrackZones.delete(held.id)
  if (wanted !== undefined)
    takeZone(draft, { datapathId: wanted, purpose: 'translation', interfaceId, networkId: null })
}

/** Brings the place of an interface in line with what it translates and where it can be. */
export function settleTranslation(draft: Draft, interfaceId: number): void {
  settleSpeakers(draft, interfaceId)
  followSpeaker(draft, interfaceId)
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
