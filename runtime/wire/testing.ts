import type { Pick } from './random.ts'

/** Numbers that look random but are the same in every run (xorshift32). */
export function seeded(seed: number): Pick {
  let state = seed | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
