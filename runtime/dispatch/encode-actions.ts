import { encode, type MessageOf } from '../openflow/index.ts'
import type { Action } from '../pipeline/flow.ts'
import { failure, type Problem, type Result, success } from '../problem.ts'

/** OpenFlow 1.3.5, 7.3.7: where the actions of a PACKET_OUT begin. */
const actionsOffset = 24
const noBytes = new Uint8Array(0)

/** Makes the codec ready: its first message takes it as long as an event may take, and a time-out would end that half-way. */
export const warmEncoder = () => void encodeActions([])

/** Actions as in flows, to the bytes of a PACKET_OUT. Fails where the codec does not know them. */
export function encodeActions(actions: readonly Action[]): Result<Uint8Array> {
  const message = {
    version: 4,
    type: 'OFPT_PACKET_OUT',
    xid: 0,
    buffer_id: 'OFP_NO_BUFFER',
    in_port: 'OFPP_CONTROLLER',
    actions,
    data: noBytes,
  }
  try {
    return success(encode(message as unknown as MessageOf<'OFPT_PACKET_OUT'>).subarray(actionsOffset))
  } catch (error) {
    const problem = (error as { readonly problem?: Problem }).problem
    return failure(
      problem ?? { what: error instanceof Error ? error.message : String(error), where: 'actions' },
    )
  }
}
