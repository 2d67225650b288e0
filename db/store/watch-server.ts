/** Wakes the store when somebody may have written to the server: told by its event stream, and by polling in any case. */
import type { HranaClient } from './hrana.ts'

/** Between polls while the event stream is open, and while it is not. */
const listeningPollMs = 250
const deafPollMs = 10
/** The server tells of a commit a moment before others can see it, one time in twenty: it is looked for again after these. */
const lookAgainMs = [3, 10, 25, 60]
/** Pauses before the stream is opened again. */
const firstBackOffMs = 100
const longestBackOffMs = 5_000

/** The result ends it. */
export function watchServer(client: HranaClient, wake: () => void): () => void {
  const ending = new AbortController()
  let listening = false
  let backOffMs = firstBackOffMs
  let looks: Timer[] = []
  const told = () => {
    wake()
    for (const look of looks) clearTimeout(look)
    looks = lookAgainMs.map((pauseMs) => setTimeout(wake, pauseMs))
  }
  const listen = async () => {
    while (!ending.signal.aborted) {
      try {
        await client.listen('changes', ending.signal, () => {
          listening = true
          backOffMs = firstBackOffMs
          told()
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
    for (const look of looks) clearTimeout(look)
    clearTimeout(timer)
  }
}
