/**
 * A hypervisor whose uplink is in the bridge, after a reboot: its flow table is empty, and the database that would fill
 * it may be behind that very uplink. Until it is reached, the physical port and the host talk to each other; and when its
 * datapath is deleted, they still do.
 */

import type { Logger } from '../log.ts'
import type { DatapathSession } from '../openflow/channel/index.ts'
import type { Message } from '../openflow/index.ts'
import { describe } from '../problem.ts'

const requestTimeoutMs = 5_000
/** Of no feature of the pipeline: the flows go when those of the state come. */
const bootstrapCookie = 0xffff_0000_0000_0001n
const bootstrapPriority = 1

export const isOfBootstrap = (cookie: bigint): boolean => cookie === bootstrapCookie

const passage = (from: number | 'OFPP_LOCAL', to: number | 'OFPP_LOCAL'): Message => ({
  version: 4,
  type: 'OFPT_FLOW_MOD',
  xid: 0,
  cookie: bootstrapCookie,
  cookie_mask: 0n,
  table_id: 0,
  command: 'OFPFC_ADD',
  idle_timeout: 0,
  hard_timeout: 0,
  priority: bootstrapPriority,
  buffer_id: 'OFP_NO_BUFFER',
  out_port: 'OFPP_ANY',
  out_group: 'OFPG_ANY',
  flags: [],
  match: [{ field: 'in_port', value: from }],
  instructions: [{ type: 'OFPIT_APPLY_ACTIONS', actions: [{ type: 'OFPAT_OUTPUT', port: to, max_len: 0 }] }],
})

/**
 * Joins the physical port and the host. Whatever else the switch has wins over these flows, and the first
 * synchronisation with the state removes them.
 */
export async function bootstrapUplink(
  session: DatapathSession,
  uplinkPort: number,
  log: Logger,
): Promise<void> {
  const result = await session.bundle(
    [passage(uplinkPort, 'OFPP_LOCAL'), passage('OFPP_LOCAL', uplinkPort)],
    requestTimeoutMs,
  )
  if (result.ok)
    log.info('the uplink is joined to the host', {
      dpid: session.dpid,
      port: uplinkPort,
    })
  else
    log.warn('the uplink could not be joined to the host', {
      dpid: session.dpid,
      problem: describe(result.problem),
    })
}
