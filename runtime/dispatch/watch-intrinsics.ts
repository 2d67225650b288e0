import type { Logger } from '../log.ts'
import { restoreIntrinsics } from './intrinsics.ts'

/** How soon a function's edits of built-in objects are found; a look costs 0.3 ms. */
const intrinsicsCheckMs = 1_000

/** Puts edited built-in objects back, and says so; of one that cannot be put back, once. */
export function watchIntrinsics(log: Logger): { stop(): void } {
  const stuck = new Set<string>()
  const timer = setInterval(() => {
    const edited = restoreIntrinsics().filter((name) => !stuck.has(name))
    if (edited.length === 0) return
    log.error('built-in objects were edited and are put back', { edited: edited.join(' ') })
    for (const name of restoreIntrinsics()) {
      if (!stuck.has(name)) log.error('this one cannot be put back: restart the host', { edited: name })
      stuck.add(name)
    }
  }, intrinsicsCheckMs)
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
