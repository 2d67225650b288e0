import { afterEach, expect, test } from 'bun:test'
import { controlEvent, EventStream } from './event-stream.ts'

const limits = { queueEventsMax: 10, queueCharactersMax: 1 << 20, heartbeatMs: 50, drainMs: 200 }
const servers: Bun.Server<unknown>[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop(true))))

/** A stream that is served, and how often it was closed. */
function served() {
  let closed = 0
  let idle = () => {}
  const stream = new EventStream(limits, { closed: () => void closed++, ending: () => idle() })
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 1,
    fetch: (request, bun) => {
      bun.timeout(request, 0)
      idle = () => bun.timeout(request, 1)
      return new Response(stream.body, { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  servers.push(server)
  return { stream, port: server.port!, closed: () => closed, pending: () => server.pendingRequests }
}

async function until(what: string, fits: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 10_000; !fits(); ) {
    if (performance.now() > deadline) throw new Error(`${what}: not in time`)
    await Bun.sleep(5)
  }
}

test('events come in order, comments where there are none, and the last one last', async () => {
  const { stream, port, closed } = served()
  const response = await fetch(`http://127.0.0.1:${port}/`)
  stream.write(controlEvent('a', { n: 1 }))
  stream.write(controlEvent('b', { n: 2 }))
  await Bun.sleep(3 * limits.heartbeatMs)
  stream.end(controlEvent('end', {}))
  expect(stream.write('event: late\n\n')).toBe(false)
  const text = await response.text()
  expect(text).toMatch(
    /^(: still here\n\n)*event: a\ndata: \{"n":1\}\n\nevent: b\n.*\n\n(: still here\n\n)+event: end\ndata: \{\}\n\n$/,
  )
  expect(closed()).toBe(1)
})

test('who goes away is forgotten', async () => {
  const { stream, port, closed } = served()
  const cut = new AbortController()
  await fetch(`http://127.0.0.1:${port}/`, { signal: cut.signal })
  cut.abort()
  await until('the end', () => closed() === 1)
  expect(stream.isOpen).toBe(false)
  await stream.drained()
})

test('who does not read holds no more than the limit, and is cut off after the last event', async () => {
  const { stream, port, closed, pending } = served()
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      open: (self) => void self.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'),
      data: (self) => self.pause(),
    },
  })
  // The kernel takes some megabytes before anybody notices.
  const large = `data: ${'x'.repeat(100_000)}\n\n`
  let written = 0
  await until('the queue to be full', () => {
    for (let n = 0; n < 4; n++) if (!stream.write(large)) return true
    written += 4
    return false
  })
  expect(written).toBeLessThan(1_000)
  stream.end(controlEvent('end', { reason: 'slow' }))
  await until('it to be cut off', () => closed() === 1)
  expect(stream.isOpen).toBe(false)
  await until('the connection to end', () => pending() === 0)
  socket.terminate()
})
