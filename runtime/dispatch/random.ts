/** mulberry32: its state grows by this a call. */
export const randomStep = 0x6d2b79f5

/** The number from 0 up to 1 that follows from a 32-bit state. */
export function nextRandom(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
}
