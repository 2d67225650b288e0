/** What connection tracking takes a packet for (ovs-fields(7), `ct_state`). */
import type { Masked } from './declare.ts'

const bits = { new: 1, est: 2, rel: 4, rpl: 8, inv: 16, trk: 32, snat: 64, dnat: 128 } as const

/** A match of what is said: true for bits that are set, false for those that are not; the rest may be either. */
export function conntrackState(said: { readonly [B in keyof typeof bits]?: boolean }): Masked {
  let [value, mask] = [0, 0]
  for (const [name, bit] of Object.entries(bits)) {
    const is = said[name as keyof typeof bits]
    if (is === undefined) continue
    mask |= bit
    if (is) value |= bit
  }
  return { value, mask }
}
