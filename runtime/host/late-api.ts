/** An API whose isolates are late when the host starts: switches are served already, and it follows when it can. */
import type { Functions } from '../dispatch/functions.ts'
import type { Logger } from '../log.ts'

/** Between attempts; each has the isolates' own time-out. */
const pauseMs = 1_000

/** Deploys until that leaves no problem, or the host stops. Requests wait meanwhile, and are refused after a while. Never rejects. */
export async function deployLate(
  { deployment }: Pick<Functions, 'deployment'>,
  log: Logger,
  isStopped: () => boolean,
): Promise<void> {
  log.warn('switches are served; the API is late')
  for (let told: string | undefined; ; ) {
    await Bun.sleep(pauseMs)
    if (isStopped()) return
    const problem = await deployment.deploy().then(
      ({ problems }) => problems[0]?.what,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    if (isStopped()) return
    if (problem === undefined) return log.info('the API is there')
    if (problem !== told) log.error('the API is not there yet', { problem })
    told = problem
  }
}
