/** `POST /batch?dry_run=true`: what would change. */
import { argumentError } from './errors.ts'
import { parseTarget } from './target.ts'

const yes = /^(t|true|1|y|yes)$/i
const no = /^(f|false|0|n|no|)$/i

/**
 * Whether a request is only tried. Throws ApiError for one that cannot be: to ignore what somebody asks for here would be to
 * write what was only to be tried.
 */
export function isDryRun(method: string, target: string): boolean {
  if (method === 'GET' || !target.includes('dry_run')) return false
  const parsed = parseTarget(target)
  const given = new URLSearchParams(parsed?.query).get('dry_run')
  if (given === null || no.test(given)) return false
  if (!yes.test(given)) throw argumentError(`dry_run: must be true or false, not ${JSON.stringify(given)}`)
  if (parsed?.path === '/batch') return true
  throw argumentError('dry_run: only a batch can be tried; put the request into one')
}
