/** Bridges whose datapath was deleted: their tunnel ports go, and their switches are to be reached. */
import type { Logger } from '../log.ts'
import { describe } from '../problem.ts'
import { openflowAddressOf } from './address.ts'
import type { Candidate } from './adoption.ts'
import { type DatapathId, datapathIdOf } from './datapath-id.ts'
import type { Endpoint, Job } from './endpoint.ts'
import { planTunnels } from './tunnels.ts'
import { onBridgeWithId } from './upkeep.ts'

export interface DeletedBridge {
  readonly dpid: DatapathId
  readonly bridge: string
  /** Where to dial it; null for one that has to dial in. */
  readonly openflowAddress: string | null
  /** Of ours. */
  readonly hasTunnelPorts: boolean
}

export interface Leftover {
  readonly bridge: DeletedBridge
  readonly endpoint: Endpoint
  /** What is to be written; undefined: it has no tunnel port of ours. */
  readonly job: Job | undefined
}

/** Nothing else of such a bridge is touched: it stays secure, and remembers which port is its uplink. */
export function leftoversOf(
  candidates: readonly Candidate[],
  isDeleted: (dpid: DatapathId) => boolean,
  endpoints: ReadonlyMap<string, Endpoint>,
  log: Logger,
): Leftover[] {
  return candidates.flatMap(({ ovsdb, live, row }) => {
    const dpid = datapathIdOf(row)
    if (!live || dpid === null || !isDeleted(dpid)) return []
    const endpoint = endpoints.get(ovsdb)!
    const { client } = endpoint
    const { operations } = planTunnels(client.replica, row, [])
    const job: Job = {
      key: `tunnels ${row.uuid}`,
      why: `tunnels of ${row.name}, whose datapath is deleted`,
      operations: onBridgeWithId(row, operations),
      onFailed: (problem) =>
        log.warn('tunnel ports of a deleted datapath are still there', { dpid, problem: describe(problem) }),
    }
    const openflowAddress = openflowAddressOf(client.address, row.name)
    const hasTunnelPorts = operations.length > 0
    const bridge = { dpid, bridge: row.name, openflowAddress, hasTunnelPorts }
    return [{ bridge, endpoint, job: hasTunnelPorts ? job : undefined }]
  })
}
