import { copyBytes } from './copy-bytes.ts'
import type { Message } from './effect-applier.ts'
import { openView, type PacketInView } from './packet-in-view.ts'
import { PacketOutBuffer } from './packet-out-buffer.ts'

/** nicira-ext.h: `NXT_RESUME`, whose properties are those of the NXT_PACKET_IN2 that it answers. */
const resumeSubtype = 28
/** nicira-ext.h: `struct nx_action_resubmit` with NXAST_RESUBMIT_TABLE (14), in_port OFPP_IN_PORT (as 16 bits). */
const resubmitTable = [0xff, 0xff, 0, 16, 0, 0, 0x23, 0x20, 0, 14, 0xff, 0xf8, 0, 0, 0, 0]
const resubmitTableAt = 12

/**
 * The message that lets a punted packet go on: where the switch paused it, or else at a table, then without what the
 * pipeline had written to registers. The view is moved onto the message, which it could be opened on before.
 */
export function continueMessage(
  view: PacketInView,
  { bytes, offset, end }: Message,
  table: number,
): Uint8Array {
  openView(view, '', bytes, offset, end)
  if (view.continuation !== 0) {
    const resume = copyBytes(bytes, offset, end)
    new DataView(resume.buffer, resume.byteOffset).setUint32(12, resumeSubtype)
    return resume
  }
  const actions = Uint8Array.from(resubmitTable)
  actions[resubmitTableAt] = table
  const out = new PacketOutBuffer(256, 1 << 17)
  out.addActions(view.bufferId, view.inPort, actions, bytes, view.frameOffset, view.frameEnd)
  return out.bytes.subarray(0, out.length)
}
