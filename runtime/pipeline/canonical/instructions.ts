/** The canonical form of instructions: in one order, empty lists left out. */
import { writeCanonicalActions } from './actions.ts'
import { u16 } from './layout.ts'
import type { Writer } from './writer.ts'

const gotoTable = 1
const writeMetadata = 2
const writeActions = 3
const applyActions = 4
const clearActions = 5
const meter = 6

/** The order in which a switch carries them out (OpenFlow 1.3.5, section 5.9); what is unknown comes last. */
const order = [meter, applyActions, clearActions, writeActions, writeMetadata, gotoTable]

/** Appends the canonical form of the instructions in `bytes[start, end)`. */
export function writeCanonicalInstructions(bytes: Uint8Array, start: number, end: number, out: Writer): void {
  for (const type of order)
    for (let at = start; at + 4 <= end; at += lengthAt(bytes, at))
      if (u16(bytes, at) === type) writeInstruction(bytes, at, type, out)
  for (let at = start; at + 4 <= end; at += lengthAt(bytes, at))
    if (!order.includes(u16(bytes, at))) out.copy(bytes, at, Math.min(end, at + lengthAt(bytes, at)))
}

/** Never less than a header: a wrong length ends the loop instead of keeping it. */
const lengthAt = (bytes: Uint8Array, at: number): number => Math.max(4, u16(bytes, at + 2))

function writeInstruction(bytes: Uint8Array, at: number, type: number, out: Writer): void {
  const end = at + lengthAt(bytes, at)
  if (type === applyActions || type === writeActions) {
    if (end - at <= 8) return
    out.u16(type)
    writeCanonicalActions(bytes, at + 8, end, out)
    // Ends the list: no action begins so.
    out.u32(0xffffffff)
  } else if (type === writeMetadata)
    out
      .u16(type)
      .masked(bytes, at + 8, at + 16, 8)
      .copy(bytes, at + 16, at + 24)
  else if (type === gotoTable) out.u16(type).u8(bytes[at + 4]!)
  else if (type === meter) out.u16(type).copy(bytes, at + 4, at + 8)
  else out.u16(type)
}
