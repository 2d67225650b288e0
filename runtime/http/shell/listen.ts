import type { Logger } from '../../log.ts'
import { failure, type Result, success } from '../../problem.ts'
import { isLoopback } from './addresses.ts'

interface Protection {
  readonly insecure: boolean
  /** Empty: there is none. */
  readonly token: string
}

/** Refuses to listen beyond this machine where everybody would be let in. */
export function assertListenAllowed(host: string, { insecure, token }: Protection): Result<void> {
  if (insecure || token !== '' || isLoopback(host.toLowerCase())) return success(undefined)
  return failure({
    what: 'the API would be open to everybody who reaches this address',
    where: '--http',
    expected: 'an address of the loopback interface, or a token in the state folder',
    received: host,
    hint: 'Use 127.0.0.1, make the state folder writable so that a token can be kept there, or say --insecure.',
  })
}

/** Says it, where whoever reaches the address may change the networks. */
export function warnWhereOpen(host: string, { insecure }: Protection, log: Pick<Logger, 'warn'>): void {
  if (insecure && !isLoopback(host.toLowerCase()))
    log.warn('the API is open to everybody who reaches it', { address: host, option: '--insecure' })
}
