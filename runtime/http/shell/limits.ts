/** What the shell bounds, so that no client can cost the host more than this. */
export interface HttpLimits {
  readonly bodyBytesMax: number
  readonly batchBytesMax: number
  /** Bodies that are on their way: the slowest makes room for the next. */
  readonly bodiesArrivingMax: number
  readonly bodyBytesArrivingMax: number
  /** Bodies of all requests together, from when they have arrived until their functions have answered. */
  readonly bodyBytesInFlightMax: number
  /** Path and query, in characters. */
  readonly targetLengthMax: number
  /** From when their bodies have arrived until their answers are sent: a client that does not read counts. */
  readonly requestsInFlightMax: number
  /** A body must have arrived whole by then. */
  readonly bodyTimeoutMs: number
  /** A function must have answered, and its writes must be committed, by then. */
  readonly answerTimeoutMs: number
  readonly auditTimeoutMs: number
  readonly waitTimeoutMsDefault: number
  readonly waitTimeoutMsMax: number
  /** A connection without traffic is closed, be it that the client sends nothing or does not read its answer. */
  readonly idleTimeoutSeconds: number
  /** What is in flight when the server stops may still be answered for this long. */
  readonly stopTimeoutMs: number
}

const mebibyte = 1024 * 1024

export const httpLimits: HttpLimits = {
  bodyBytesMax: mebibyte,
  batchBytesMax: 16 * mebibyte,
  bodiesArrivingMax: 1_000,
  bodyBytesArrivingMax: 64 * mebibyte,
  bodyBytesInFlightMax: 64 * mebibyte,
  targetLengthMax: 8_192,
  requestsInFlightMax: 1_000,
  bodyTimeoutMs: 10_000,
  answerTimeoutMs: 15_000,
  auditTimeoutMs: 60_000,
  waitTimeoutMsDefault: 5_000,
  waitTimeoutMsMax: 60_000,
  idleTimeoutSeconds: 30,
  stopTimeoutMs: 1_000,
}
