/** Tells what is at a datapath whose switch has joined: what came to be there while nobody could speak to the switch. */
import type { NetworkEvent } from '../openvnet/events.ts'
import { activationsOn, servedOn } from './activations.ts'
import type { NetworkState } from './network-state.ts'

/** How often a host that the others do not hear looks whether they do, in ms. */
const heardCheckMs = 1_000

export interface Telling {
  readonly state: Pick<NetworkState, 'view'>
  /** Resolves when what follows from the event is in the state, or has failed. */
  readonly event: (event: NetworkEvent) => Promise<void>
  /** The others hear of this host, and its state is not behind theirs. */
  readonly isHeard: () => boolean
}

/**
 * One after the other. What several datapaths could serve only while this host is heard: until then another may do so, and the
 * state here not know it.
 * @param isServed whether this host still serves the switch; if not, nothing is told any more
 */
export async function tellPlaces(
  { state, event, isHeard }: Telling,
  datapathId: number,
  isServed: () => boolean,
): Promise<void> {
  for (const activation of activationsOn(state.view, datapathId)) {
    if (!isServed()) return
    await event(activation)
  }
  while (isServed() && !isHeard()) await Bun.sleep(heardCheckMs)
  for (const activation of servedOn(state.view, datapathId)) {
    if (!isServed() || !isHeard()) return
    await event(activation)
  }
}
