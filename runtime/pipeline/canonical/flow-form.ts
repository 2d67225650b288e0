/** Identity and canonical body of a flow, from a flow_mod or from an entry of a flow description. */
import { writeCanonicalInstructions } from './instructions.ts'
import { matchOffset, roundUp8, u16 } from './layout.ts'
import { writeCanonicalMatch } from './match.ts'
import { writer } from './writer.ts'

/** OFPFF_SEND_FLOW_REM, NO_PKT_COUNTS and NO_BYT_COUNTS are kept with a flow; the others only say how to add it. */
const keptFlags = 0b11001

/** Where a match that begins at `matchOffset` ends, and its instructions begin. */
const instructionsOffset = (bytes: Uint8Array, start: number): number =>
  start + matchOffset + roundUp8(u16(bytes, start + matchOffset + 2))

/** Table, priority and match: what a flow is on a switch. `start` is that of the message or entry. */
export function flowKey(bytes: Uint8Array, start: number, table: number, priority: number): string {
  const at = start + matchOffset
  const out = writer.reset().u8(table).u16(priority)
  writeCanonicalMatch(bytes, at + 4, at + u16(bytes, at + 2), out)
  return out.toString()
}

/** Where the fields that make a flow's body are, in the message or entry at `start`. */
export interface BodyLayout {
  readonly cookie: number
  readonly idleTimeout: number
  readonly hardTimeout: number
  readonly flags: number
}

/** Everything but identity: cookie, time-outs, flags, instructions. */
export function flowBody(bytes: Uint8Array, start: number, end: number, layout: BodyLayout): string {
  const out = writer.reset().copy(bytes, start + layout.cookie, start + layout.cookie + 8)
  out.u16(u16(bytes, start + layout.idleTimeout)).u16(u16(bytes, start + layout.hardTimeout))
  out.u16(u16(bytes, start + layout.flags) & keptFlags)
  writeCanonicalInstructions(bytes, instructionsOffset(bytes, start), end, out)
  return out.toString()
}
