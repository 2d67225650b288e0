/** A flow of a switch as one line for people. */
import { decode } from '../../openflow/index.ts'
import { describe } from '../../problem.ts'
import { describeFlow } from '../canonical/flow-text.ts'
import { flowMod, flowStats, matchOffset, setU16, u16 } from '../canonical/layout.ts'
import type { Flow } from '../flow.ts'
import { flowModType, message } from './messages.ts'

/** The flow_mod that would add the entry of a flow description in `bytes[start, end)`: they end alike. */
export function flowModOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const made = message(flowModType, end - start)
  made.set(bytes.subarray(start + flowStats.cookie, start + flowStats.cookie + 8), flowMod.cookie)
  made[flowMod.table] = bytes[start + flowStats.table]!
  for (const field of ['idleTimeout', 'hardTimeout', 'priority', 'flags'] as const)
    setU16(made, flowMod[field], u16(bytes, start + flowStats[field]))
  made.set(bytes.subarray(start + matchOffset, end), matchOffset)
  return made
}

export function describeSwitchFlow(bytes: Uint8Array, start: number, end: number): string {
  const decoded = decode(flowModOf(bytes, start, end))
  if (!decoded.ok) return `a flow that cannot be read (${describe(decoded.problem)})`
  if (decoded.value.type !== 'OFPT_FLOW_MOD') return 'a flow that cannot be read'
  const { table_id, priority, cookie, match, instructions } = decoded.value
  return describeFlow({ table: table_id, priority, cookie, match, instructions } as unknown as Flow)
}
