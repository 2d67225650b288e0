/** Reads the events of a host's API, from now on or from a revision. */
import { readEvents, type ServerEvent } from '../../cli/vnctl/events/server-events.ts'

const patienceMs = 10_000

export interface EventReader {
  /** Everything so far. */
  readonly events: readonly ServerEvent[]
  /** Whether the host has ended the stream. */
  readonly ended: boolean
  /** Waits for an event like this one, which may have come already. */
  until(what: string, fits: (event: ServerEvent) => boolean): Promise<ServerEvent>
  close(): void
}

/** Opens a stream and waits for its first event. */
export async function listenTo(apiUrl: string, query = ''): Promise<EventReader> {
  const cut = new AbortController()
  const response = await fetch(`${apiUrl}/api/1.0/events${query === '' ? '' : `?${query}`}`, {
    signal: cut.signal,
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  const events: ServerEvent[] = []
  let ended = false
  const read = async () => {
    for await (const event of readEvents(response.body!)) events.push(event)
  }
  void read()
    .catch(() => {})
    .finally(() => {
      ended = true
    })
  const reader: EventReader = {
    events,
    get ended() {
      return ended
    },
    async until(what, fits) {
      for (const deadline = performance.now() + patienceMs; performance.now() < deadline; ) {
        const found = events.find(fits)
        if (found !== undefined) return found
        await Bun.sleep(5)
      }
      throw new Error(
        `no event of ${what}: ${events.map(({ name, data }) => `${name} ${JSON.stringify(data)}`).join('\n')}`,
      )
    },
    close: () => cut.abort(),
  }
  await reader.until('the beginning', ({ name }) => name === 'begin')
  return reader
}
