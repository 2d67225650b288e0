/** A stream of server-sent events (HTML, section 9.2) to one reader, who may be slower than they come. */

export interface StreamLimits {
  readonly queueEventsMax: number
  readonly queueCharactersMax: number
  readonly heartbeatMs: number
  readonly drainMs: number
}

export interface StreamListener {
  /** Its last event is on its way: from now on the connection may be idle for as long as any. */
  ending(): void
  /** Called once, when it is read to its end or the reader has gone. */
  closed(): void
}

const heartbeat = ': still here\n\n'
const encoder = new TextEncoder()

/** One event without an id: it moves nobody's place. */
export const controlEvent = (name: string, data: object): string =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`

export class EventStream {
  readonly body: ReadableStream<Uint8Array>
  readonly #limits: StreamLimits
  readonly #listener: StreamListener
  #queue: string[] = []
  #characters = 0
  #wake: (() => void) | undefined
  #drained: (() => void) | undefined
  #ended = false
  #closed = false
  readonly #timer: ReturnType<typeof setInterval>
  #deadline: ReturnType<typeof setTimeout> | undefined
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined

  constructor(limits: StreamLimits, listener: StreamListener) {
    this.#limits = limits
    this.#listener = listener
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: (controller) => this.#pull(controller),
        cancel: () => this.#close(),
      },
      { highWaterMark: 1 },
    )
    this.#timer = setInterval(() => {
      if (this.#queue.length === 0) this.#add(heartbeat)
    }, limits.heartbeatMs)
    this.#timer.unref()
  }

  get isOpen(): boolean {
    return !this.#ended && !this.#closed
  }

  /** False: the reader is too slow, and the event is not for it any more. */
  write(event: string): boolean {
    if (!this.isOpen) return false
    const { queueEventsMax, queueCharactersMax } = this.#limits
    if (this.#queue.length >= queueEventsMax || this.#characters + event.length > queueCharactersMax)
      return false
    this.#add(event)
    return true
  }

  /** Resolves when all that was written has been taken, or the reader has gone. */
  async drained(): Promise<void> {
    if (this.#closed || this.#queue.length === 0) return
    await new Promise<void>((resolve) => {
      this.#drained = resolve
    })
  }

  /** Sends a last event after all that waits; a reader who does not take it in time is cut off. */
  end(event: string): void {
    if (!this.isOpen) return
    this.#ended = true
    this.#add(event)
    clearInterval(this.#timer)
    this.#listener.ending()
    this.#deadline = setTimeout(() => this.#cutOff(), this.#limits.drainMs)
    this.#deadline.unref()
  }

  #add(event: string): void {
    this.#queue.push(event)
    this.#characters += event.length
    this.#wake?.()
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    while (this.#queue.length === 0 && !this.#ended && !this.#closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    this.#wake = undefined
    if (this.#closed) return
    const text = this.#queue.join('')
    this.#queue = []
    this.#characters = 0
    if (text !== '') controller.enqueue(encoder.encode(text))
    if (this.#ended) {
      this.#close()
      controller.close()
    }
    this.#drained?.()
  }

  #cutOff(): void {
    if (this.#closed) return
    this.#close()
    // What the connection itself still holds goes when it has been idle for too long.
    this.#controller?.close()
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#timer)
    clearTimeout(this.#deadline)
    this.#queue = []
    this.#wake?.()
    this.#drained?.()
    this.#listener.closed()
  }
}
