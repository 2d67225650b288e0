/** Forgetting what is tracked in a zone (NXT_CT_FLUSH_ZONE, nicira-ext.h), before another has it. */
import { encodeOnce } from '../canonical/encode.ts'
import type { FlowPiece } from '../canonical/flow-piece.ts'
import type { Edits } from './edits.ts'

/** A zone that is to be somebody's. */
export interface ClaimedZone {
  readonly zone: number
  readonly owner: string | undefined
  /** The flow that stands for that. */
  readonly key: string
}

/** The keys of flows that stand for who has a zone. */
export const claimsIn = (flows: Iterable<FlowPiece>): string[] =>
  [...flows].flatMap(({ key, claimsZone }) => (claimsZone === undefined ? [] : [key]))

export const zonesClaimed = (edits: Edits): ClaimedZone[] =>
  [...edits.flows.values()].flatMap(({ key, owner, piece }) =>
    piece?.claimsZone === undefined ? [] : [{ zone: piece.claimsZone, owner, key }],
  )

/** NXT_CT_FLUSH_ZONE. */
export const flushZone = (zone_id: number): Uint8Array =>
  encodeOnce({ version: 4, type: 'NXT_CT_FLUSH_ZONE', xid: 0, zone_id })
