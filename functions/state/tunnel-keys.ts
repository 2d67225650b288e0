/**
 * The keys of networks and segments, on the wire of tunnels and in registers: 24 bits, so they are used again. A key
 * keeps its row when its network goes.
 */
import type { Draft, Row } from 'openvnet'

type Use = Exclude<Row<'tunnelKeys'>['kind'], 'free'>

/** A hypervisor that is cut off carries on with the flows that it had: for so long its networks' keys are nobody's, in ms. */
const quarantineMs = 24 * 60 * 60 * 1000

/** A key that has been free for long, or one that was never used. */
export function takeTunnelKey(draft: Draft, kind: Use, now: number): number {
  const free = draft.tunnelKeys
    .many('kind', 'free')
    .find(({ freed_at }) => freed_at !== null && freed_at + quarantineMs <= now)
  if (free === undefined) return draft.tunnelKeys.insert({ kind }).id
  return draft.tunnelKeys.update(free.id, { kind, freed_at: null }).id
}

/** The key's network or segment is gone. */
export const freeTunnelKey = (draft: Draft, id: number, now: number) =>
  draft.tunnelKeys.update(id, { kind: 'free', freed_at: now })
