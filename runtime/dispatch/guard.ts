import { Script } from 'node:vm'

/**
 * Runs synchronous code under a time-out, on this thread: an endless loop ends after it.
 *
 * What a caller must know: a time-out can land anywhere, in code of ours that the guarded code called too, and what
 * that was changing is left half-changed; `finally` and `catch` do not run. So guarded code is given only what is
 * thrown away afterwards. Not covered are code after an `await` and a native call (a regular expression) until it ends.
 * The clock is the wall's: the time of a paused process counts.
 */
let guarded: (() => void) | undefined

const entry = Symbol.for('vnet.guarded')
Object.defineProperty(globalThis, entry, {
  value: () => guarded?.(),
  writable: false,
  configurable: false,
})
const script = new Script(`globalThis[Symbol.for('vnet.guarded')]()`, { filename: 'vnet:guard' })

const isTimeout = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  (error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'

/** True if `run` returned, false if its time was over. What it throws is thrown on. Never nested. */
export function runGuarded(run: () => void, timeoutMs: number): boolean {
  guarded = run
  try {
    script.runInThisContext({ timeout: timeoutMs })
    return true
  } catch (error) {
    if (isTimeout(error)) return false
    throw error
  } finally {
    guarded = undefined
  }
}
