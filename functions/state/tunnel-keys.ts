/**
 * The keys of networks and segments, on the wire of tunnels and in registers: 24 bits, so they are used again. A key
 * keeps its row when its network goes.
 */
import { ApiError, type Draft, type Row } from 'openvnet'

type TunnelKey = Row<'tunnelKeys'>
type Use = Exclude<TunnelKey['kind'], 'free'>

/** A hypervisor that is cut off carries on with the flows that it had: for so long its networks' keys are nobody's, in ms. */
const quarantineMs = 24 * 60 * 60 * 1000
/** Rows get the next number that no row has had, so after this one there is none. */
const lastKey = 2 ** 24 - 1

/** A key that has been free for long, or one that was never used; where there is none of them, the one free longest. */
export function takeTunnelKey(draft: Draft, kind: Use, now: number): number {
  const free = draft.tunnelKeys.many('kind', 'free')
  const since = (key: TunnelKey) => key.freed_at ?? 0
  const rested = free.find((key) => since(key) + quarantineMs <= now)
  const take = (key: TunnelKey) => draft.tunnelKeys.update(key.id, { kind, freed_at: null }).id
  if (rested !== undefined) return take(rested)
  if (draft.tunnelKeys.get(lastKey) === undefined) return draft.tunnelKeys.insert({ kind }).id
  const [oldest] = free.toSorted((a, b) => since(a) - since(b))
  if (oldest === undefined) throw new ApiError('Unavailable', `all ${lastKey} tunnel keys are in use`)
  return take(oldest)
}

/** The key's network or segment is gone. */
export const freeTunnelKey = (draft: Draft, id: number, now: number) =>
  draft.tunnelKeys.update(id, { kind: 'free', freed_at: now })
