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
  /** Whether OVSDB says that it still has tunnel ports of ours. */
  readonly hasTunnelPorts: () => boolean
  readonly log: Logger
}

/** What is refused may be refused for good: it is tried so often while the switch is connected, … */
const attemptsMax = 10
/** … for the second time after this long, and after twice as long each time: 102 s in all. */
const firstPauseMs = 200
/** How often it is looked meanwhile whether it is to be done at all. */
const checkMs = 100

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
 * there stays. Answers whether all is gone, tunnel ports too; where it is not, that is tried again, for some minutes at most.
 */
export async function clearSwitch(session: DatapathSession, clearing: Clearing): Promise<boolean> {
  const { state, deleted, uplink, log } = clearing
  const { dpid } = session
  const isWanted = () => session.endedBy === null && state.deleted(dpid)?.id === deleted.id
  // Its host behind it still reaches its database and its operator.
  const uplinkPort = uplink?.portNumber ?? portNumberIn(session.ports.values(), deleted.uplink_port_name)
  if (uplinkPort !== undefined) await bootstrapUplink(session, uplinkPort, log)
  for (let attempt = 1, pauseMs = firstPauseMs; isWanted(); attempt++, pauseMs *= 2) {
    const problem = (await removeOurs(session, clearing)) ?? tunnelPortsLeft(clearing)
    if (problem === undefined) return isWanted()
    const isLast = attempt === attemptsMax
    const next = isLast ? 'not until it connects again' : `in ${pauseMs / 1_000} s`
    log.warn('a deleted datapath has left something at its switch', {
      ...{ dpid, tried: attempt, next, problem: describe(problem) },
    })
    if (isLast) return false
    await rest(pauseMs, isWanted)
  }
  return false
}

/** Who registers the datapath again does not wait for it. */
async function rest(pauseMs: number, isWanted: () => boolean): Promise<void> {
  const untilMs = performance.now() + pauseMs
  while (isWanted() && performance.now() < untilMs) await Bun.sleep(Math.min(pauseMs, checkMs))
}

/** OVSDB removes them by itself, and may not have come to it. */
const tunnelPortsLeft = ({ hasTunnelPorts, deleted }: Clearing): Problem | undefined =>
  hasTunnelPorts() ? { what: 'its tunnel ports are still there', where: deleted.dpid } : undefined

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
