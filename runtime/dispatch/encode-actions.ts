import { failure, type Result } from '../problem.ts'

/** Actions as in flows, to the bytes of a PACKET_OUT. */
export function encodeActions(_actions: readonly unknown[]): Result<Uint8Array> {
  return failure({ what: 'actions cannot be encoded yet', where: 'actions' })
}
