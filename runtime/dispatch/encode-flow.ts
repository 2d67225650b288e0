import { encode, type MessageOf } from '../openflow/index.ts'
import type { Flow } from '../pipeline/flow.ts'
import { failure, type Problem, type Result, success } from '../problem.ts'

/** A FLOW_MOD that adds a flow, or puts it in the place of the same one, for so many seconds. Fails where the codec does not know what is in it. */
export function encodeFlow(flow: Flow, hardSeconds: number): Result<Uint8Array> {
  const message = {
    version: 4,
    type: 'OFPT_FLOW_MOD',
    xid: 0,
    cookie: flow.cookie,
    cookie_mask: 0n,
    table_id: flow.table,
    command: 'OFPFC_ADD',
    idle_timeout: 0,
    hard_timeout: hardSeconds,
    priority: flow.priority,
    buffer_id: 'OFP_NO_BUFFER',
    out_port: 'OFPP_ANY',
    out_group: 'OFPG_ANY',
    flags: [],
    match: flow.match,
    instructions: flow.instructions,
  }
  try {
    return success(encode(message as unknown as MessageOf<'OFPT_FLOW_MOD'>))
  } catch (error) {
    const problem = (error as { readonly problem?: Problem }).problem
    return failure(problem ?? { what: error instanceof Error ? error.message : String(error), where: 'flow' })
  }
}
