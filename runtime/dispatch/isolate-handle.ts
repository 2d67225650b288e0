import {
  type FromIsolate,
  type IsolateAnswer,
  type IsolateRequest,
  type TextFromIsolate,
  type TextToIsolate,
  type ToIsolate,
  unpackAnswer,
} from './isolate-protocol.ts'

/** A request on its way, and who waits for it. */
export interface IsolateJob {
  readonly id: number
  readonly request: IsolateRequest
  /** When it came, in ms of `performance.now()`. */
  readonly queued: number
  /** Isolates that went down with it at work. */
  crashes: number
  readonly resolve: (result: IsolateResult) => void
}

export type IsolateResult =
  | { readonly outcome: 'ok'; readonly answer: IsolateAnswer }
  | { readonly outcome: 'exceededTime' | 'exception' | 'loadShed'; readonly detail: string }

export interface IsolateListener {
  message(isolate: IsolateHandle, message: FromIsolate): void
  /** A job has been answered: there is room. */
  idle(isolate: IsolateHandle): void
  /** The Worker is gone, by itself or ended by us. */
  ended(isolate: IsolateHandle, why: string): void
}

/** The host's side of one isolate: a Worker, and the jobs that it was handed, the oldest of which it works on. */
export class IsolateHandle {
  readonly started = performance.now()
  /** Its functions are loaded: it can be handed jobs. */
  ready = false
  readonly jobs: IsolateJob[] = []
  /** When the oldest job became the one in work, in ms of `performance.now()`. */
  #since = 0
  #ended = false
  readonly #worker: Worker
  readonly #listener: IsolateListener

  constructor(listener: IsolateListener) {
    this.#listener = listener
    this.#worker = new Worker(new URL('./isolate.ts', import.meta.url))
    this.#worker.onmessage = ({ data }: MessageEvent<unknown>) => this.#hear(data)
    this.#worker.onerror = (event) => this.end(event.message || 'an uncaught error')
    this.#worker.addEventListener('close', () => this.end('it exited'))
  }

  get ended(): boolean {
    return this.#ended
  }

  /** How long the job in work has taken so far, in ms; 0: there is none. */
  busyMs(now: number): number {
    return this.jobs.length === 0 ? 0 : now - this.#since
  }

  send(message: ToIsolate) {
    if (!this.#ended) this.#worker.postMessage(JSON.stringify(message))
  }

  sendText(message: TextToIsolate) {
    if (!this.#ended) this.#worker.postMessage(message)
  }

  hand(job: IsolateJob) {
    if (this.jobs.length === 0) this.#since = performance.now()
    this.jobs.push(job)
    this.send({ type: 'request', id: job.id, ...job.request })
  }

  /** Takes back the jobs that wait behind the one in work; should they be answered here, nobody listens. */
  takeWaiting(): IsolateJob[] {
    return this.jobs.splice(1)
  }

  /** Ends the Worker, wherever it is; within some ms, also out of an endless loop. */
  end(why: string) {
    if (this.#ended) return
    this.#ended = true
    this.ready = false
    this.#worker.terminate()
    this.#listener.ended(this, why)
  }

  /** Its functions can send what they like, and nothing of it may be the host's fault. */
  #hear(message: unknown) {
    try {
      this.#receive(message as string | TextFromIsolate)
    } catch (error) {
      this.end(`it says what cannot be read: ${error}`)
    }
  }

  #receive(message: string | TextFromIsolate) {
    if (this.#ended) return
    if (typeof message === 'string') return this.#listener.message(this, JSON.parse(message) as FromIsolate)
    const at = this.jobs.findIndex(({ id }) => id === message.id)
    if (at === -1) return
    const answer = unpackAnswer(message)
    const [job] = this.jobs.splice(at, 1)
    if (at === 0) this.#since = performance.now()
    job!.resolve({ outcome: 'ok', answer })
    this.#listener.idle(this)
  }
}
