/** The signals that ask a program to end. */
import { constants } from 'node:os'

const ending = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const
export type EndSignal = (typeof ending)[number]

/** 128 and the signal's number, as shells have it. */
export const exitCodeOf = (signal: EndSignal): number => 128 + constants.signals[signal]

/**
 * Resolves with the first signal that asks to end. From then on, and before, none of them ends the process by itself:
 * whoever waits here cleans up, and is not disturbed. `again` is called for those that follow.
 */
export const untilSignal = (again?: (signal: EndSignal) => void): Promise<EndSignal> =>
  new Promise((resolve) => {
    let asked = false
    for (const signal of ending)
      process.on(signal, () => {
        if (asked) again?.(signal)
        asked = true
        resolve(signal)
      })
  })
