/** Forgetting what is tracked in a zone (NXT_CT_FLUSH_ZONE, nicira-ext.h), before another has it. */
import { encodeOnce } from '../canonical/encode.ts'
import type { Edits } from './edits.ts'

/** The zones that change hands with some edits, each with who is to have it. */
export function zonesClaimed(edits: Edits): ReadonlyMap<number, string | undefined> {
  const zones = new Map<number, string | undefined>()
  for (const { piece, owner } of edits.flows.values())
    if (piece?.claimsZone !== undefined) zones.set(piece.claimsZone, owner)
  return zones
}

/** NXT_CT_FLUSH_ZONE. */
export const flushZone = (zone_id: number): Uint8Array =>
  encodeOnce({ version: 4, type: 'NXT_CT_FLUSH_ZONE', xid: 0, zone_id })
