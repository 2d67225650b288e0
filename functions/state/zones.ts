/**
 * Zones of connection tracking: what a switch remembers of connections is kept apart by them, so no owner ever sees what
 * another's packets have left there. A zone is somebody's as long as its row stands.
 */
import type { Draft, State, ZonePurpose } from 'openvnet'

/** Zone 0 is what untracked packets are in. */
const zonesMax = 65_535

export interface ZoneOwner {
  readonly datapathId: number
  readonly purpose: ZonePurpose
  readonly interfaceId: number
  /** null: one zone for whatever network the interface is in. */
  readonly networkId: number | null
}

const rowOf = (state: State | Draft, { datapathId, purpose, interfaceId, networkId }: ZoneOwner) =>
  (state.conntrackZones as State['conntrackZones']).one('owner', datapathId, purpose, interfaceId, networkId)

/** Undefined: the owner has none there. */
export const zoneOf = (state: State | Draft, owner: ZoneOwner): number | undefined =>
  rowOf(state, owner)?.zone

const offset = 2_166_136_261
const prime = 16_777_619

/** FNV-1a: where the search for a free zone begins, so that it mostly ends there, and zones that were given up rest. */
function hash(text: string): number {
  let value = offset
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), prime) >>> 0
  return value
}

/** Only what was found is read: what others take or free elsewhere is no reason to run again. */
function freeZone(draft: Draft, owner: ZoneOwner): number | undefined {
  const holder = draft.interfaces.get(owner.interfaceId)
  const start = hash(`${holder?.uuid} ${holder?.created_at} ${owner.purpose} ${owner.networkId}`)
  for (let step = 0; step < zonesMax; step++) {
    const zone = 1 + ((start + step) % zonesMax)
    if (draft.conntrackZones.glance('zone', owner.datapathId, zone) !== undefined) continue
    draft.conntrackZones.one('zone', owner.datapathId, zone)
    return zone
  }
  return undefined
}

/** The owner's zone, a new one where it had none. Undefined: all of the datapath's are in use. */
export function takeZone(draft: Draft, owner: ZoneOwner): number | undefined {
  const held = zoneOf(draft, owner)
  if (held !== undefined) return held
  const zone = freeZone(draft, owner)
  if (zone === undefined) return undefined
  const { datapathId, purpose, interfaceId, networkId } = owner
  draft.conntrackZones.insert({
    datapath_id: datapathId,
    zone,
    purpose,
    interface_id: interfaceId,
    network_id: networkId,
  })
  return zone
}
