/** How far the switches are with a revision of the state. */
import type { Applied } from '../http/server.ts'
import type { NetworkState } from './network-state.ts'
import type { Switches } from './switches.ts'

/** Resolves when every connected datapath has acknowledged the revision, or after `timeoutMs`. Names are uuids. */
export async function waitApplied(
  state: NetworkState,
  switches: Switches,
  revision: number,
  timeoutMs: number,
): Promise<Applied> {
  const disconnected = state.served().filter(({ dpid }) => !switches.isServed(dpid))
  const { pending } = await state.hub.whenApplied(revision, timeoutMs)
  return {
    revision,
    pending: pending.flatMap((id) => state.view.datapaths.get(id)?.uuid ?? []),
    disconnected: disconnected.map(({ uuid }) => uuid),
  }
}

/** What `GET /datapaths/:uuid/status` answers; undefined: there is no such datapath. */
export function datapathStatus(state: NetworkState, switches: Switches, uuid: string): object | undefined {
  const row = state.view.datapaths.one('uuid', uuid)
  if (row === undefined) return undefined
  const served = switches.get(row.dpid)
  return {
    uuid,
    dpid: row.dpid,
    connected: served !== undefined,
    peer: served?.session.peer.address ?? null,
    revision: state.view.revision,
    applied_revision: served?.sync.appliedRevision ?? null,
    ports: state.view.activePorts.many('datapath', row.id).length,
    flows: state.engine.desired(row.id)?.flows.size ?? 0,
    refusals: served?.sync.refusals.length ?? 0,
  }
}
