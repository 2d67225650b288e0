/** Flows read back from bytes, for people: what is compared and sent stays bytes. */
import { decode } from '../../openflow/index.ts'
import type { Flow } from '../flow.ts'
import { flowMod, flowStats, matchOffset, setU16, u16 } from './layout.ts'

const version13 = 4
export const flowModType = 14

/** The flow that a flow_mod is about; undefined where it cannot be read. */
export function flowOf(bytes: Uint8Array): Flow | undefined {
  const decoded = decode(bytes)
  if (!decoded.ok || decoded.value.type !== 'OFPT_FLOW_MOD') return undefined
  const { table_id, priority, cookie, idle_timeout, hard_timeout, flags, match, instructions } = decoded.value
  const flow = { table: table_id, priority, cookie, idle_timeout, hard_timeout, flags, match, instructions }
  return flow as unknown as Flow
}

/** The flow_mod that would add the entry of a flow description in `bytes[start, end)`: they end alike. */
export function flowModOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const made = new Uint8Array(end - start)
  made[0] = version13
  made[1] = flowModType
  setU16(made, 2, made.length)
  made.set(bytes.subarray(start + flowStats.cookie, start + flowStats.cookie + 8), flowMod.cookie)
  made[flowMod.table] = bytes[start + flowStats.table]!
  for (const field of ['idleTimeout', 'hardTimeout', 'priority', 'flags'] as const)
    setU16(made, flowMod[field], u16(bytes, start + flowStats[field]))
  made.set(bytes.subarray(start + matchOffset, end), matchOffset)
  return made
}
