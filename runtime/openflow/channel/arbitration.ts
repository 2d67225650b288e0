/** Two connections for one datapath id: which one serves, which one waits, which one has to go. */
import { identityOf, type Peer } from './peer.ts'

/**
 * What becomes of the newcomer. `standBy`: it waits, answering echo. `takeOver`: it serves, the one that served waits.
 * `replace`: it serves, the one that served is closed. `refuse`: it is closed.
 */
export type Verdict = 'standBy' | 'takeOver' | 'replace' | 'refuse'

/**
 * Decides between the connection that serves and a newcomer for the same datapath id.
 *
 * The same switch may well be connected twice: dialled by us and dialling in, or calling again before its old connection was found
 * dead. Then a dialled connection goes before one that dialled in, and among equals the first stays. A proven identity (a verified
 * certificate that names the datapath, or this very machine) makes way only for a proven one; who is somebody else is refused, and a
 * proven switch ends what an unproven one had taken.
 */
export function arbitrate(serving: Peer, newcomer: Peer): Verdict {
  const present = identityOf(serving)
  const other = identityOf(newcomer)
  if (present.name !== other.name) {
    if (other.proven && !present.proven) return 'replace'
    if (!(other.proven && present.proven) || twoCertificates(serving, newcomer)) return 'refuse'
  }
  return preference(newcomer) > preference(serving) ? 'takeOver' : 'standBy'
}

const twoCertificates = (a: Peer, b: Peer) => a.certificateName !== null && b.certificateName !== null

/** Local before remote, dialled before accepted. */
const preference = (peer: Peer) => (peer.direction === 'dialled' ? (peer.local ? 2 : 1) : 0)

/** Which of the waiting peers serves next: the most preferred, among equals the one that has waited longest. */
export function successor<T extends { readonly peer: Peer }>(waiting: readonly T[]): T | undefined {
  return waiting.reduce<T | undefined>(
    (best, next) => (best === undefined || preference(next.peer) > preference(best.peer) ? next : best),
    undefined,
  )
}
