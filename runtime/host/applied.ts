/** How far the switches are with a revision of the state. */
import type { Row } from '../../db/state/types.ts'
import type { Applied, DatapathStatus } from '../http/answers/host.ts'
import type { Presence } from './hosts/presence.ts'
import type { NetworkState } from './network-state.ts'
import type { Switches } from './switches.ts'

/**
 * Resolves when every connected datapath has acknowledged the revision, or after `timeoutMs`: those that are connected to
 * this host, and those of the others that share its database. Names are uuids.
 */
export async function waitApplied(
  state: NetworkState,
  presence: Presence | undefined,
  revision: number,
  timeoutMs: number,
): Promise<Applied> {
  const here = new Set(state.hub.connected)
  const [local, remote] = await Promise.all([
    state.hub.whenApplied(revision, timeoutMs),
    presence?.whenApplied(revision, timeoutMs),
  ])
  const rows = presence === undefined ? state.served() : [...state.view.datapaths.all()]
  const isAway = ({ id }: Row<'datapaths'>) => !here.has(id) && remote?.connected?.has(id) !== true
  const away = rows.filter(isAway)
  // Without word from the others nobody knows whether theirs are connected.
  const unknown = presence !== undefined && remote?.connected === undefined
  const pending = new Set([...local.pending, ...(remote?.pending ?? [])])
  const late = rows.filter((row) => pending.has(row.id) && !isAway(row))
  const uuids = (list: readonly Row<'datapaths'>[]) => list.map(({ uuid }) => uuid)
  return {
    revision,
    pending: uuids(unknown ? [...late, ...away] : late),
    disconnected: unknown ? [] : uuids(away),
  }
}

/**
 * What `GET /datapaths/:uuid/status` answers; undefined: there is no such datapath. Of one that only other hosts serve it
 * tells what they said last, at most a heartbeat ago.
 */
export function datapathStatus(
  state: NetworkState,
  switches: Switches,
  presence: Presence | undefined,
  uuid: string,
): DatapathStatus | undefined {
  const row = state.view.datapaths.one('uuid', uuid)
  if (row === undefined) return undefined
  const served = switches.get(row.dpid)
  const remote = presence?.others.filter(({ applied }) => applied.has(row.id)) ?? []
  return {
    uuid,
    dpid: row.dpid,
    connected: served !== undefined || remote.length > 0,
    peer: served?.session.peer.address ?? null,
    other_hosts: remote.map(({ id, nodeId }) => nodeId ?? id),
    revision: state.view.revision,
    applied_revision: served?.sync.appliedRevision ?? remote[0]?.applied.get(row.id) ?? null,
    ports: state.view.activePorts.many('datapath', row.id).length,
    flows: state.engine.desired(row.id)?.flows.size ?? null,
    refusals: served?.sync.refusals.length ?? null,
  }
}
