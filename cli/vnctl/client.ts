/** Requests to the API, each with a time-out. */
import { messageOf } from './refusal.ts'
import type { ApiRequest } from './requests.ts'
import type { Settings } from './settings.ts'

/** The request did not come through, or was refused: told in one line, exit status 1. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
}

export interface ApiAnswer {
  readonly status: number
  readonly text: string
  /** The body, where it is JSON. */
  readonly json: unknown
  readonly headers: Headers
}

interface Call {
  readonly method: string
  /** With the prefix of the API and the query. */
  readonly target: string
  /** JSON text. */
  readonly body?: string | undefined
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function explain(error: unknown, settings: Settings, timeoutMs: number): RequestError {
  const name = error instanceof Error ? error.name : ''
  if (name === 'TimeoutError')
    return new RequestError(`${settings.api} did not answer within ${timeoutMs} ms`)
  const { code = '' } = error as { code?: string }
  const why = /REFUSED/i.test(code) ? 'nothing listens there' : error instanceof Error ? error.message : code
  return new RequestError(
    `${settings.api} cannot be reached: ${why.replace(/\.$/, '')}. Is \`vnet host\` running? (--api, VNET_API)`,
  )
}

/** Sends one request; whatever the API answers is returned. Throws `RequestError` when there is no answer. */
export async function send(settings: Settings, { method, target, body }: Call): Promise<ApiAnswer> {
  const timeoutMs = settings.timeoutMs + (settings.waitMs ?? 0)
  try {
    const response = await fetch(`${settings.api}${target}`, {
      method,
      headers: {
        accept: 'application/json',
        ...(settings.token === undefined ? {} : { authorization: `Bearer ${settings.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const text = await response.text()
    return { status: response.status, text, json: parse(text), headers: response.headers }
  } catch (error) {
    throw explain(error, settings, timeoutMs)
  }
}

/** The query that asks to wait for the datapaths. */
const waitOf = (settings: Settings) =>
  settings.waitMs === undefined ? {} : { wait: 'applied', timeout_ms: String(settings.waitMs) }

export const targetOf = (
  settings: Settings,
  path: string,
  parameters: Record<string, string> = {},
  writes = false,
) => {
  const query = new URLSearchParams({ ...parameters, ...(writes ? waitOf(settings) : {}) }).toString()
  return `/api/1.0${path}${query === '' ? '' : `?${query}`}`
}

/** Why the API refused, with what is known of the token where that is why. */
export function refusalOf(answer: ApiAnswer, { tokenOrigin }: Settings, where = ''): RequestError {
  const hint = answer.status === 401 ? `; ${tokenOrigin}` : ''
  return new RequestError(`${where}${messageOf(answer)}${hint}`)
}

/** Sends a request of a command and returns what it answers. Throws `RequestError` when it is refused. */
export async function call(settings: Settings, request: ApiRequest): Promise<ApiAnswer> {
  const writes = request.method !== 'GET'
  const target = targetOf(settings, `${request.path}.json`, request.parameters, writes)
  const answer = await send(settings, { method: request.method, target })
  if (answer.status >= 400) throw refusalOf(answer, settings)
  if (answer.json === undefined)
    throw new RequestError(
      `${settings.api} answers what is no JSON. Is it the API of a host? (--api, VNET_API)`,
    )
  return answer
}

/** As many as a list answers at once. */
const objectsMax = '10000'

/** The same request for every object of a list; the answer is the array of theirs. */
export async function callEach(
  settings: Settings,
  { ofEach = '', ...request }: ApiRequest,
): Promise<ApiAnswer> {
  const list = await call(settings, { method: 'GET', path: ofEach, parameters: { limit: objectsMax } })
  const json: unknown[] = []
  for (const { uuid } of (list.json as { items: { uuid: string }[] }).items)
    json.push((await call(settings, { ...request, path: request.path.replace(':uuid', uuid) })).json)
  return { ...list, json }
}
