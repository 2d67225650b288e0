/** Cross-origin requests: none, but from the origins that the operator names. */

const allowed = {
  'access-control-allow-methods': 'GET, POST, PUT, DELETE',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-max-age': '600',
}

/** Headers for an answer to this origin. */
export function corsHeaders(
  origin: string | undefined,
  origins: readonly string[],
): Readonly<Record<string, string>> {
  if (origins.length === 0) return {}
  if (origin === undefined || !origins.includes(origin)) return { vary: 'Origin' }
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers':
      'X-Vnet-Revision, X-Vnet-Applied, X-Vnet-Pending, X-Vnet-Disconnected, Retry-After',
  }
}

/** The answer to a browser that asks whether a page may send a request; undefined: this is no such question. */
export function preflight(
  method: string,
  headers: Readonly<Record<string, string>>,
  origins: readonly string[],
): Response | undefined {
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return undefined
  const { origin } = headers
  if (origin === undefined || !origins.includes(origin)) return undefined
  return new Response(null, { status: 204, headers: { ...corsHeaders(origin, origins), ...allowed } })
}
