/**
 * A request to a host's API. As a program, for a host in another network namespace:
 *
 *   bun tests/support/fetch.ts REQUEST      prints the answer, both as JSON
 */
export interface FetchRequest {
  readonly url: string
  readonly method: string
  /** JSON text. */
  readonly body: string | null
  readonly timeoutMs: number
}

export interface Answer {
  readonly status: number
  readonly text: string
}

export async function fetchText({ url, method, body, timeoutMs }: FetchRequest): Promise<Answer> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(timeoutMs),
    ...(body === null ? {} : { body, headers: { 'content-type': 'application/json' } }),
  })
  return { status: response.status, text: await response.text() }
}

if (import.meta.main) console.log(JSON.stringify(await fetchText(JSON.parse(process.argv[2]!))))
