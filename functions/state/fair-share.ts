/** What a run does where there is more than it may: each has the same chance, so that none waits for ever. */

/** So many of a list at most, one after the other from a place that `chance` says, 0 up to 1, and on from the beginning. */
export function someOf<T>(all: readonly T[], most: number, chance: number): readonly T[] {
  if (all.length <= most) return all
  const from = Math.floor(chance * all.length)
  return [...all.slice(from), ...all.slice(0, from)].slice(0, most)
}
