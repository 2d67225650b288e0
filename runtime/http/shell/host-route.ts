/** What a host answers by itself, beside the API functions: it alone knows its switches. */
import type { PlainResponse } from '../plain.ts'
import type { Representation } from '../represent.ts'
import { parseTarget } from '../target.ts'

export interface HostRequest {
  /** What the groups of the route's path matched. */
  readonly keys: readonly string[]
  readonly query: URLSearchParams
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly representation: Representation
  /** Of a POST, within the bounds of every body; throws ApiError. */
  body(): Promise<string>
  /** Of an answer that goes on: it ends, and the connection may be idle for as long as any. */
  ending(): void
}

/** An answer that goes on: its body is sent as it comes, for as long as the client listens. */
export type StreamedResponse = Omit<PlainResponse, 'body'> & { readonly body: ReadableStream<Uint8Array> }

export interface HostRoute {
  readonly method: 'GET' | 'POST'
  /** Relative to the API. */
  readonly path: RegExp
  /** Throws ApiError where there is no answer. */
  answer(request: HostRequest): PlainResponse | StreamedResponse | Promise<PlainResponse | StreamedResponse>
}

export interface MatchedRoute extends Omit<HostRequest, 'headers' | 'body' | 'ending'> {
  readonly route: HostRoute
}

/** The route that a request is for. */
export function routeOf(
  routes: readonly HostRoute[],
  method: string,
  target: string,
): MatchedRoute | undefined {
  const parsed = parseTarget(target)
  if (parsed === undefined) return undefined
  for (const route of routes) {
    const [matched, ...keys] = route.path.exec(parsed.path) ?? []
    if (matched === undefined || route.method !== (method === 'HEAD' ? 'GET' : method)) continue
    const query = new URLSearchParams(parsed.query)
    return { route, keys: keys.map(decodedOrSame), query, representation: parsed.representation }
  }
  return undefined
}

const decodedOrSame = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
