import { exchangeTcp } from './tcp-exchange.ts'
import { type Exchange, exchangeUdp } from './udp-exchange.ts'

type Done = (answer: Uint8Array | null) => void

interface Underway {
  readonly waiting: Set<Done>
  cancel: () => void
}

/** Exchanges that are under way; those that ask the same of the same server are one, and all get its answer. */
export class SharedExchanges {
  readonly #underway = new Map<string, Underway>()

  /** What is returned ends it without a word, for this one. */
  begin(request: Exchange, done: Done): () => void {
    const begin = request.transport === 'udp' ? exchangeUdp : exchangeTcp
    if (request.join === '') return begin(request, done)
    const key = `${request.transport} ${request.address} ${request.port} ${request.join}`
    const same = this.#underway.get(key)
    if (same !== undefined) return this.#join(key, same, done)
    const underway: Underway = { waiting: new Set(), cancel: () => {} }
    const cancel = this.#join(key, underway, done)
    underway.cancel = begin(request, (answer) => {
      this.#end(key, underway)
      for (const each of underway.waiting) each(answer === null ? null : answer.slice())
    })
    this.#underway.set(key, underway)
    return cancel
  }

  #join(key: string, underway: Underway, done: Done): () => void {
    underway.waiting.add(done)
    return () => {
      underway.waiting.delete(done)
      if (underway.waiting.size > 0) return
      this.#end(key, underway)
      underway.cancel()
    }
  }

  #end(key: string, underway: Underway) {
    if (this.#underway.get(key) === underway) this.#underway.delete(key)
  }
}
