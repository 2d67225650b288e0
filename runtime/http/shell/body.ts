/** Reads bodies within bounds of size and time. */
import { ApiError, argumentError } from '../errors.ts'
import type { ArrivingBodies } from './arriving-bodies.ts'

/** Bytes that bodies of all requests hold at the moment: from when they have arrived until their requests are over. */
export class BodyBudget {
  private held = 0
  private readonly bytesMax: number

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  take(bytes: number): void {
    if (this.held + bytes > this.bytesMax)
      throw new ApiError('Unavailable', 'too many large requests at once; try again')
    this.held += bytes
  }

  giveBack(bytes: number): void {
    this.held -= bytes
  }
}

const displaced = new ApiError('Unavailable', 'the body arrived too slowly while others waited; try again')
const tooLarge = (bytesMax: number) =>
  new ApiError('RequestTooLarge', `the body is larger than ${bytesMax} bytes`)

/** Of a body that is too large, so much is read and thrown away: many clients hear no answer before they have sent theirs. */
const discardedBytesMax = 32 * 1024 * 1024

/** What was taken of the budget for it is the reader's to give back. */
export interface Body {
  readonly text: string
  readonly bytes: number
}

interface Bounds {
  readonly bytesMax: number
  readonly timeoutMs: number
  readonly arriving: ArrivingBodies
  readonly budget: BodyBudget
}

async function readChunks(stream: ReadableStream<Uint8Array>, { bytesMax, timeoutMs, arriving }: Bounds) {
  const reader = stream.getReader()
  const stop = () => void reader.cancel().catch(() => {})
  const late = setTimeout(stop, timeoutMs)
  const deadline = performance.now() + timeoutMs
  const arrival = arriving.begin(stop)
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (arrival.displaced) throw displaced
      const isLate = performance.now() >= deadline
      bytes += value?.length ?? 0
      if (bytes > bytesMax) {
        if (done || isLate || bytes > discardedBytesMax) throw tooLarge(bytesMax)
        chunks.length = 0
        continue
      }
      if (isLate) throw argumentError(`the body did not arrive within ${timeoutMs} ms`)
      if (done) return { chunks, bytes }
      chunks.push(value)
      arriving.grow(arrival, value.length)
    }
  } catch (error) {
    stop()
    // Whoever hangs up in the middle hears no answer, and it is no error of the host.
    throw error instanceof ApiError ? error : argumentError('the body ended early')
  } finally {
    clearTimeout(late)
    arriving.end(arrival)
  }
}

/** The body; empty where there is none. Throws `ApiError` when it is too large, too late or no UTF-8, and holds nothing then. */
export async function readBody(request: Request, bounds: Bounds): Promise<Body> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > discardedBytesMax) throw tooLarge(bounds.bytesMax)
  if (request.body === null || (announced === 0 && request.headers.has('content-length')))
    return { text: '', bytes: 0 }
  const { chunks, bytes } = await readChunks(request.body as ReadableStream<Uint8Array>, bounds)
  bounds.budget.take(bytes)
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true })
    return { text: decoder.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)), bytes }
  } catch {
    bounds.budget.giveBack(bytes)
    throw argumentError('Invalid request body. It is not UTF-8.')
  }
}
