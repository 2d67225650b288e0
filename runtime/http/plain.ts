/** Requests and answers as plain values, as they travel between threads. */

export interface PlainRequest {
  readonly method: string
  /** Path and query, as they came: `/api/1.0/networks.yml?limit=5`. */
  readonly target: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Empty where there is none. */
  readonly body: string
}

export interface PlainResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** An answer after its writes are committed. */
export interface DispatchedResponse extends PlainResponse {
  /** The revision of the state that it made, or was made from. */
  readonly revision: number
}
