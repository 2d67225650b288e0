/** Which bridges are ours to serve: those whose datapath id is registered, and only one for each id. */
import type { Problem } from '../problem.ts'
import { isBridgeName } from './address.ts'
import { type DatapathId, datapathIdOf } from './datapath-id.ts'
import type { Row } from './schema.ts'

/** Of a name that is no name. */
const bridgeNameShown = 64

/** A bridge that some OVSDB has, or had when it was last read. */
export interface Candidate {
  /** The OVSDB's address. */
  readonly ovsdb: string
  /** False when the OVSDB cannot be reached: the bridge is as it was last seen. */
  readonly live: boolean
  readonly row: Row<'Bridge'>
}

export interface Refusal {
  readonly dpid: DatapathId
  readonly ovsdb: string
  readonly bridge: string
  readonly problem: Problem
}

export interface Adoption {
  readonly adopted: ReadonlyMap<DatapathId, Candidate>
  readonly refusals: readonly Refusal[]
  /** Those whose id is not registered: left alone. */
  readonly strangers: readonly Stranger[]
}

export interface Stranger {
  readonly dpid: DatapathId
  readonly ovsdb: string
  readonly bridge: string
}

/**
 * Decides who is served. Two live bridges with one id are refused with an error that names both, except that one which
 * is being served already goes on: a newcomer must not be able to take the network of others down.
 */
export function decideAdoption(
  candidates: readonly Candidate[],
  served: ReadonlyMap<DatapathId, Candidate>,
  isRegistered: (dpid: DatapathId) => boolean,
): Adoption {
  const adopted = new Map<DatapathId, Candidate>()
  const refusals: Refusal[] = []
  const strangers: Stranger[] = []
  for (const [dpid, rivals] of groupByDatapathId(candidates)) {
    if (!isRegistered(dpid)) {
      for (const { ovsdb, row } of rivals)
        strangers.push({ dpid, ovsdb, bridge: row.name.slice(0, bridgeNameShown) })
      continue
    }
    const named = rivals.filter((rival) => isBridgeName(rival.row.name))
    for (const rival of rivals) if (!named.includes(rival)) refusals.push(badName(dpid, rival))
    const incumbent = named.find((rival) => isSame(rival, served.get(dpid)))
    const live = named.filter((rival) => rival.live)
    if (live.length > 1) refusals.push(ambiguous(dpid, live, incumbent))
    const chosen =
      live.length === 0 ? incumbent : live.length === 1 ? live[0] : live.find((rival) => rival === incumbent)
    if (chosen !== undefined) adopted.set(dpid, chosen)
  }
  return { adopted, refusals, strangers }
}

/**
 * The same bridge reached by two addresses counts once, since rows have unique ids: by the unix socket if there is one,
 * because then its switch can be dialled, and always by the same, so that a lost connection changes nothing.
 */
function groupByDatapathId(candidates: readonly Candidate[]) {
  const groups = new Map<DatapathId, Candidate[]>()
  const seen = new Set<string>()
  for (const candidate of [...candidates].sort((a, b) => Number(isLocal(b)) - Number(isLocal(a)))) {
    const dpid = datapathIdOf(candidate.row)
    if (dpid === null || seen.has(candidate.row.uuid)) continue
    seen.add(candidate.row.uuid)
    groups.set(dpid, [...(groups.get(dpid) ?? []), candidate])
  }
  return groups
}

const isLocal = ({ ovsdb }: Candidate) => ovsdb.startsWith('unix:')

const isSame = (a: Candidate, b: Candidate | undefined) => b !== undefined && a.row.uuid === b.row.uuid

const placeOf = ({ row, ovsdb }: Candidate) => `${row.name} of ${ovsdb}`

function ambiguous(
  dpid: DatapathId,
  rivals: readonly Candidate[],
  incumbent: Candidate | undefined,
): Refusal {
  const served =
    incumbent?.live === true ? `${placeOf(incumbent)} stays in service` : 'none of them is served'
  const first = rivals.find((rival) => rival !== incumbent)!
  const problem: Problem = {
    what: `bridges share one datapath id, ${served}`,
    where: dpid,
    expected: 'one live bridge',
    received: rivals.map(placeOf).join(' and '),
    hint: 'Give each bridge its own: ovs-vsctl set bridge NAME other_config:datapath-id=…',
  }
  return { dpid, ovsdb: first.ovsdb, bridge: first.row.name, problem }
}

function badName(dpid: DatapathId, { ovsdb, row }: Candidate): Refusal {
  const problem: Problem = {
    what: 'not a name that a bridge can have',
    where: ovsdb,
    received: JSON.stringify(row.name).slice(0, 80),
  }
  return { dpid, ovsdb, bridge: row.name.slice(0, bridgeNameShown), problem }
}
