/**
 * What one datapath serves of several that could: a VLAN of legacy switches, a router interface to its network. Another
 * takes over only from one that is certainly silent; what is known of that is in the row (`fence` in the schema).
 */
import type { Row, State } from 'openvnet'

export type Fence = Pick<
  Row<'activeVlans'>,
  'id' | 'updated_at' | 'datapath_id' | 'leased' | 'known_revision' | 'acknowledged'
>

/** What is not known any more of a row that changes. */
export const unknown = { known_revision: null, acknowledged: false } as const

/**
 * Of one whose datapath can serve no more, and that nobody serves for now: its switch falls silent by itself only if it
 * has the flows that do.
 */
export const withdrawn = (row: Fence) => ({ leased: row.leased && row.acknowledged, ...unknown })

/** Whether the cable of a port is in, as far as its switch tells. */
export const isLinked = (state: State, datapathId: number, portName: string | null): boolean =>
  portName === null || state.activePorts.one('name', datapathId, portName)?.linked !== false

/** Of those that could serve the ones that have a link; where none has, that is no reason to change anything. */
export function linkedOf<P extends { readonly linked: boolean }>(places: readonly P[]): readonly P[] {
  const linked = places.filter((place) => place.linked)
  return linked.length === 0 ? places : linked
}

/** A host says so often who serves … */
export const renewalMs = 1_000

/** … unless for so long the others may have taken it for dead, in ms. */
export const unheardMaxMs = 2_000

/** What a host has said counts for so long, in seconds. */
export const leaseSeconds = 6

/**
 * After so long without word from a switch, in ms, all that it was told has ended: a host renews for `unheardMaxMs` at most
 * after it was last heard (and counts as dead only after longer than that), and that counts for `leaseSeconds`.
 */
export const fenceMs = 8_500
