import { readFileSync } from 'node:fs'

/**
 * The CPU time that this thread has had, in ms; undefined where the system does not tell (proc(5), `schedstat`). Costs
 * some 50 µs: for when a time-out asks whether code ran for too long, or did not run at all.
 */
export function threadTimeMs(): number | undefined {
  try {
    const ns = Number(readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ', 1)[0])
    return Number.isFinite(ns) ? ns / 1e6 : undefined
  } catch {
    return undefined
  }
}
