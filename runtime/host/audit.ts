/** The recompute oracle over every datapath of a host: flows held, flows computed from nothing, flows in the switch. */
import type { Audit } from '../http/answers/host.ts'
import { verifyDatapath } from '../pipeline/sync/verify.ts'
import type { NetworkState } from './network-state.ts'
import type { Switches } from './switches.ts'

export async function audit(state: NetworkState, switches: Switches): Promise<Audit> {
  const datapaths = await Promise.all(
    state.served().map(async ({ id, uuid, dpid }) => {
      const sync = switches.get(dpid)?.sync
      return {
        uuid,
        dpid,
        connected: sync !== undefined,
        differences: await verifyDatapath(state.engine, id, sync),
      }
    }),
  )
  return { revision: state.view.revision, datapaths }
}
