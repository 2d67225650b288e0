/** Wakes the store when somebody may have written to the server: told by its event stream, and by polling in any case. */
import type { HranaClient } from './hrana.ts'

/** Between polls while the event stream is open, and while it is not. */
const listeningPollMs = 250
const deafPollMs = 10
/** Pauses before the stream is opened again. */
const firstBackOffMs = 100
const longestBackOffMs = 5_000

/** The result ends it. */
export function watchServer(client: HranaClient, wake: () => void): () => void {
  const ending = new AbortController()
  let listening = false
  let backOffMs = firstBackOffMs
  const listen = async () => {
    while (!ending.signal.aborted) {
      try {
        await client.listen('changes', ending.signal, () => {
          listening = true
          backOffMs = firstBackOffMs
          wake()
        })
      } catch {
        // Polling goes on, and the next attempt follows.
      }
      listening = false
      await Bun.sleep(backOffMs)
      backOffMs = Math.min(backOffMs * 2, longestBackOffMs)
    }
  }
  let timer: Timer | undefined
  const poll = () => {
    wake()
    timer = setTimeout(poll, listening ? listeningPollMs : deafPollMs)
  }
  void listen()
  poll()
  return () => {
    ending.abort()
    clearTimeout(timer)
  }
}
