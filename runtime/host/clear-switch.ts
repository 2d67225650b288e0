/** A switch whose datapath is deleted: what was put there goes, but for what the host behind it needs. */
import type { Row } from '../../db/state/types.ts'
import type { Logger } from '../log.ts'
import type { DatapathSession } from '../openflow/channel/index.ts'
import { applyEdits } from '../pipeline/sync/apply.ts'
import { removeForeignFlow, removeObject } from '../pipeline/sync/edit.ts'
import { Edits } from '../pipeline/sync/edits.ts'
import { defaultSyncLimits } from '../pipeline/sync/limits.ts'
import { sessionPort } from '../pipeline/sync/session-port.ts'
import type { SwitchTables } from '../pipeline/sync/switch-tables.ts'
import { describe, type Problem } from '../problem.ts'
import { bootstrapUplink, isOfBootstrap } from './bootstrap.ts'
import type { UplinkPort } from './bridges.ts'
import { Caches, withFreshCaches } from './caches/fresh-caches.ts'
import type { NetworkState } from './network-state.ts'
import { portNumberIn } from './port-name.ts'

export interface Clearing {
  readonly state: NetworkState
  readonly deleted: Row<'deletedDatapaths'>
  /** The port that leads to the physical network, as far as the bridge itself remembers one. */
  readonly uplink: UplinkPort | null
  readonly log: Logger
}

/** Groups and meters have no cookies: they are taken for ours where nobody else has flows. */
function leftIn({ flows, groups, meters }: SwitchTables, state: NetworkState): Edits {
  const edits = new Edits()
  let others = 0
  for (const flow of flows)
    if (state.isOfFunctions(flow.cookie)) edits.flows.set(flow.key, removeForeignFlow(flow))
    else if (!isOfBootstrap(flow.cookie)) others++
  if (others > 0) return edits
  for (const { key } of groups) edits.groups.set(key, removeObject(key))
  for (const { key } of meters) edits.meters.set(key, removeObject(key))
  return edits
}

/**
 * Joins uplink and host, then removes the flows of flow functions, and with them groups and meters. What others have put
 * there stays. Where that fails, the connection is ended, so that the next one tries it again.
 */
export async function clearSwitch(session: DatapathSession, clearing: Clearing): Promise<void> {
  const { deleted, uplink, log } = clearing
  const { dpid } = session
  // Its host behind it still reaches its database and its operator.
  const uplinkPort = uplink?.portNumber ?? portNumberIn(session.ports.values(), deleted.uplink_port_name)
  if (uplinkPort !== undefined) await bootstrapUplink(session, uplinkPort, log)
  const problem = await removeOurs(session, clearing)
  if (problem === undefined || session.endedBy !== null) return
  log.warn('a switch still has flows of a deleted datapath; tried again', {
    dpid,
    problem: describe(problem),
  })
  session.close(problem)
}

async function removeOurs(session: DatapathSession, { state, log }: Clearing): Promise<Problem | undefined> {
  const port = withFreshCaches(sessionPort(session), new Caches(session.peer.address, log))
  const read = await port.read(defaultSyncLimits.readTimeoutMs)
  if (!read.ok) return read.problem
  const edits = leftIn(read.value, state)
  if (edits.size === 0 || state.deleted(session.dpid) === undefined) return undefined
  const keys = (objects: readonly { readonly key: string }[]) => new Set(objects.map(({ key }) => key))
  const installed = {
    groups: keys(read.value.groups),
    meters: keys(read.value.meters),
    claims: new Set<string>(),
  }
  const { refusals, unknown } = await applyEdits(port, edits, installed, defaultSyncLimits)
  const problem = unknown ?? refusals[0]?.problem
  if (problem === undefined)
    log.info('what a deleted datapath had on its switch is gone', {
      dpid: session.dpid,
      flows: edits.flows.size,
    })
  return problem
}
