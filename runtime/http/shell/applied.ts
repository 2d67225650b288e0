/** `?wait=applied`: the answer tells which datapaths have the flows of the write. */
import type { Applied } from '../answers/host.ts'
import { argumentError } from '../errors.ts'
import type { PlainResponse } from '../plain.ts'
import type { HttpLimits } from './limits.ts'

/** How long to wait, in ms; undefined: not at all. */
export function waitOf(target: string, limits: HttpLimits): number | undefined {
  const at = target.indexOf('?')
  if (at === -1 || !target.includes('wait=', at)) return undefined
  const query = new URLSearchParams(target.slice(at + 1))
  const wait = query.get('wait')
  if (wait === null) return undefined
  if (wait !== 'applied') throw argumentError(`wait: must be "applied", not ${JSON.stringify(wait)}`)
  const timeout = query.get('timeout_ms')
  if (timeout === null) return limits.waitTimeoutMsDefault
  const timeoutMs = Number(timeout)
  if (/^\d{1,9}$/.test(timeout) && timeoutMs <= limits.waitTimeoutMsMax) return timeoutMs
  throw argumentError(`timeout_ms: must be 0 to ${limits.waitTimeoutMsMax}, not ${JSON.stringify(timeout)}`)
}

/** Adds how far the datapaths are: in headers always, and as the field `applied` of a JSON object. */
export function withApplied(answer: PlainResponse, applied: Applied): PlainResponse {
  const { pending, disconnected } = applied
  const headers = {
    ...answer.headers,
    'x-vnet-applied': String(pending.length === 0 && disconnected.length === 0),
    ...(pending.length === 0 ? {} : { 'x-vnet-pending': pending.join(',') }),
    ...(disconnected.length === 0 ? {} : { 'x-vnet-disconnected': disconnected.join(',') }),
  }
  const isObject = answer.headers['content-type'] === 'application/json' && answer.body.startsWith('{')
  if (!isObject) return { ...answer, headers }
  const separator = answer.body === '{}' ? '' : ','
  return {
    ...answer,
    headers,
    body: `${answer.body.slice(0, -1)}${separator}"applied":${JSON.stringify(applied)}}`,
  }
}
