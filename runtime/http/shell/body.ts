/** Reads bodies within bounds of size and time. */
import { ApiError, argumentError } from '../errors.ts'

/** Bytes that bodies of all requests hold at the moment: from when they arrive until their requests are over. */
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

const tooLarge = (bytesMax: number) =>
  new ApiError('RequestTooLarge', `the body is larger than ${bytesMax} bytes`)

/** What was taken of the budget for it is the reader's to give back. */
export interface Body {
  readonly text: string
  readonly bytes: number
}

interface Bounds {
  readonly bytesMax: number
  readonly timeoutMs: number
  readonly budget: BodyBudget
}

async function readChunks(stream: ReadableStream<Uint8Array>, { bytesMax, timeoutMs, budget }: Bounds) {
  const reader = stream.getReader()
  const late = setTimeout(() => void reader.cancel().catch(() => {}), timeoutMs)
  const deadline = performance.now() + timeoutMs
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (performance.now() >= deadline) throw argumentError(`the body did not arrive within ${timeoutMs} ms`)
      if (done) return { chunks, bytes }
      if (bytes + value.length > bytesMax) throw tooLarge(bytesMax)
      budget.take(value.length)
      bytes += value.length
      chunks.push(value)
    }
  } catch (error) {
    void reader.cancel().catch(() => {})
    budget.giveBack(bytes)
    throw error
  } finally {
    clearTimeout(late)
  }
}

/** The body; empty where there is none. Throws `ApiError` when it is too large, too late or no UTF-8, and holds nothing then. */
export async function readBody(request: Request, bounds: Bounds): Promise<Body> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > bounds.bytesMax) throw tooLarge(bounds.bytesMax)
  if (request.body === null || (announced === 0 && request.headers.has('content-length')))
    return { text: '', bytes: 0 }
  const { chunks, bytes } = await readChunks(request.body as ReadableStream<Uint8Array>, bounds)
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true })
    return { text: decoder.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)), bytes }
  } catch {
    bounds.budget.giveBack(bytes)
    throw argumentError('Invalid request body. It is not UTF-8.')
  }
}
