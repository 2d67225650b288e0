/** What to do about what nobody has foreseen. */
import type { Logger } from '../../runtime/log.ts'

/** A fault of the program itself: `EX_SOFTWARE` of sysexits.h. */
export const faultExitCode = 70

/**
 * Ends the process on an error that nothing caught: what it has left half-done is unknown, a host that begins anew is
 * whole, and until then the switches go on with the flows that they have. Whatever starts the host is to start it again.
 */
export function endOnFault(log: Logger): void {
  const end = (error: unknown) => {
    log.error('a fault of the program; it ends, and the flows stay in the switches', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
    process.exit(faultExitCode)
  }
  process.on('uncaughtException', end)
  process.on('unhandledRejection', end)
}
