import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { networkInterfaces } from 'node:os'
import { silent } from '../log.ts'
import { ApiError } from './errors.ts'
import type { DispatchedResponse, PlainRequest } from './plain.ts'
import { type HttpServer, type HttpServerOptions, startHttpServer } from './server.ts'
import { emptyAudit, statusOf } from './testing.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
const bodyOf = (response: Response) => response.json() as Promise<any>

const token = 'T'.repeat(43)
const json = { 'content-type': 'application/json' }
let dispatched: PlainRequest[] = []
let answerWith: (request: PlainRequest) => Promise<DispatchedResponse>
const fine = async (): Promise<DispatchedResponse> => ({
  status: 200,
  headers: json,
  body: '{"a":1}',
  revision: 7,
})

const options: HttpServerOptions = {
  host: '127.0.0.1',
  port: 0,
  token,
  insecure: false,
  corsOrigins: [],
  log: silent,
  dispatch: (request) => {
    dispatched.push(request)
    return answerWith(request)
  },
  waitApplied: async (revision, timeoutMs) => ({
    revision,
    pending: [`after ${timeoutMs}`],
    disconnected: ['dp-2'],
  }),
  audit: async () => emptyAudit,
  datapathStatus: (uuid) => (uuid === 'dp-1' ? statusOf(uuid) : undefined),
}

const servers: HttpServer[] = []
function start(some: Partial<HttpServerOptions> = {}): string {
  const result = startHttpServer({ ...options, ...some })
  if (!result.ok) throw new Error(result.problem.what)
  servers.push(result.value)
  return result.value.url
}

let url = ''
beforeAll(() => {
  url = start()
})
afterEach(() => {
  dispatched = []
  answerWith = fine
})
answerWith = fine
afterAll(() => Promise.all(servers.map((server) => server.stop())))

const page = { origin: 'https://evil.example' }
const bearer = { authorization: `Bearer ${token}` }

test('beyond loopback --insecure opens it, but not to web pages', async () => {
  const warnings: string[] = []
  const log = { ...silent, warn: (message: string) => void warnings.push(message) }
  const open = start({ host: '0.0.0.0', insecure: true, log }).replace('0.0.0.0', '127.0.0.1')
  expect(warnings).toEqual(['the API is open to everybody who reaches it'])
  expect((await fetch(`${open}/api/networks`)).status).toBe(200)
  expect((await fetch(`${open}/api/networks`, { headers: page })).status).toBe(401)
})

test('beyond loopback without a token there is no listening, unless --insecure', () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((own) => own ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')
  for (const host of ['0.0.0.0', '::', 'example.com', ...(outside === undefined ? [] : [outside.address])]) {
    const result = startHttpServer({ ...options, host, token: '' })
    expect(result.ok).toBe(false)
    if (!result.ok) expect(result.problem.hint).toContain('--insecure')
  }
})

test('no CORS, but for the origins that are named', async () => {
  const preflight = { origin: 'https://ui.example', 'access-control-request-method': 'POST' }
  const closed = await fetch(`${url}/api/networks`, { method: 'OPTIONS', headers: preflight })
  expect(closed.headers.get('access-control-allow-origin')).toBeNull()
  const open = start({ corsOrigins: ['https://ui.example'] })
  const asked = await fetch(`${open}/api/networks`, { method: 'OPTIONS', headers: preflight })
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([
    204,
    'https://ui.example',
  ])
  const other = { ...preflight, origin: 'https://evil.example' }
  expect(
    (await fetch(`${open}/api/networks`, { method: 'OPTIONS', headers: other })).headers.get(
      'access-control-allow-origin',
    ),
  ).toBeNull()
  const used = await fetch(`${open}/api/networks`, { headers: { origin: 'https://ui.example', ...bearer } })
  expect([used.status, used.headers.get('access-control-allow-origin')]).toEqual([200, 'https://ui.example'])
})

test('a request arrives as it was sent', async () => {
  await fetch(`${url}/api/1.0/networks/nw%2Fa.yml?a=%20b&a=+`, {
    method: 'PUT',
    body: '{"x":"ü"}',
    headers: json,
  })
  expect(dispatched[0]).toMatchObject({
    method: 'PUT',
    target: '/api/1.0/networks/nw%2Fa.yml?a=%20b&a=+',
    body: '{"x":"ü"}',
  })
})

test('bodies have bounds', async () => {
  const post = (path: string, body: string | ReadableStream) =>
    fetch(`${url}/api/1.0${path}`, { method: 'POST', body })
  const mebibyte = 'x'.repeat(1024 * 1024)
  expect((await post('/networks', mebibyte)).status).toBe(200)
  const large = await post('/networks', `${mebibyte}x`)
  expect([large.status, (await bodyOf(large)).code]).toEqual([413, '413'])
  expect((await post('/batch', mebibyte.repeat(2))).status).toBe(200)
  expect((await post('/batch', `${mebibyte.repeat(16)}x`)).status).toBe(413)
  const chunks = () => {
    let left = 3
    return new ReadableStream({
      pull: (controller) =>
        left-- > 0 ? controller.enqueue(new TextEncoder().encode(mebibyte)) : controller.close(),
    })
  }
  expect((await post('/networks', chunks())).status).toBe(413)
  expect((await post('/batch', chunks())).status).toBe(200)
})

test('who sends far too much, and reads only then, still hears why', async () => {
  const { hostname, port } = new URL(url)
  const bytes = 30 * 1024 * 1024
  const answer = Promise.withResolvers<string>()
  let heard = ''
  let left = Buffer.concat([
    Buffer.from(`POST /api/1.0/networks HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bytes}\r\n\r\n`),
    Buffer.alloc(bytes, 'x'),
  ])
  const send = (socket: { write(data: Uint8Array): number }) => {
    left = left.subarray(Math.max(socket.write(left), 0))
  }
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      open: send,
      drain: send,
      data: (_, data) => {
        heard ||= `${left.length} left: ${data}`
        answer.resolve(heard)
      },
      close: () => answer.resolve(`closed, ${left.length} left`),
    },
  })
  expect(await answer.promise).toMatch(/^0 left: HTTP\/1\.1 413 [\s\S]*larger than 1048576 bytes/)
  socket.end()
})

test('who looks at the host without a path is sent to what the API has', async () => {
  for (const path of ['/', '/browse', '/browse?format=json']) {
    const { status, headers } = await fetch(`${url}${path}`, { redirect: 'manual' })
    expect([status, headers.get('location')]).toEqual([302, '/api/1.0/browse'])
  }
})

test('what is no UTF-8 is refused', async () => {
  const answer = await fetch(`${url}/api/networks`, { method: 'POST', body: new Uint8Array([0xff, 0xfe]) })
  expect([answer.status, (await bodyOf(answer)).message]).toEqual([
    400,
    'Invalid request body. It is not UTF-8.',
  ])
})

test('a long URL is refused', async () => {
  expect((await fetch(`${url}/api/networks?${'x'.repeat(8_200)}`)).status).toBe(413)
})

test('requests beyond the number in flight are told to come again', async () => {
  let go = () => {}
  const gate = new Promise<void>((resolve) => (go = resolve))
  answerWith = async () => {
    await gate
    return fine()
  }
  const narrow = start({ limits: { requestsInFlightMax: 2 } })
  const waiting = [1, 2].map(() => fetch(`${narrow}/api/networks`))
  while (dispatched.length < 2) await Bun.sleep(1)
  const refused = await fetch(`${narrow}/api/networks`)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  go()
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200])
})

test('bodies beyond what may be held at once are told to come again', async () => {
  const narrow = start({ limits: { bodyBytesInFlightMax: 1_000 } })
  const answer = await fetch(`${narrow}/api/networks`, { method: 'POST', body: 'x'.repeat(2_000) })
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  expect((await fetch(`${narrow}/api/networks`, { method: 'POST', body: 'x'.repeat(900) })).status).toBe(200)
})

test('a body is held until its request is over, even if nobody waits for the answer any more', async () => {
  let go = () => {}
  const gate = new Promise<void>((resolve) => (go = resolve))
  answerWith = async () => {
    await gate
    return fine()
  }
  const narrow = start({ limits: { bodyBytesInFlightMax: 1_000, answerTimeoutMs: 50 } })
  const post = async () =>
    (await fetch(`${narrow}/api/networks`, { method: 'POST', body: 'x'.repeat(900) })).status
  expect(await post()).toBe(503)
  expect(await post()).toBe(503)
  expect(dispatched.length).toBe(1)
  go()
  await Bun.sleep(1)
  expect(await post()).toBe(200)
})

test('a request whose answer is not read is in flight', async () => {
  answerWith = async () => ({ status: 200, headers: json, body: 'x'.repeat(16 * 1024 * 1024), revision: 7 })
  const narrow = start({ limits: { requestsInFlightMax: 1 } })
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: Number(new URL(narrow).port),
    socket: { data: (socket) => void socket.pause() },
  })
  socket.write('GET /api/networks HTTP/1.1\r\nHost: localhost\r\n\r\n')
  while (dispatched.length === 0) await Bun.sleep(1)
  expect((await fetch(`${narrow}/api/networks`)).status).toBe(503)
  socket.terminate()
  answerWith = fine
  while ((await fetch(`${narrow}/api/networks`)).status !== 200) await Bun.sleep(5)
})

/** A request whose body will not come to its end by itself; `heard` is what is answered. */
async function slowBody(at: string, part = 'x') {
  const heard = { text: '' }
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: Number(new URL(at).port),
    socket: { data: (_, data) => void (heard.text += data.toString()) },
  })
  socket.write(`POST /api/networks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n${part}`)
  return { socket, heard }
}

test('bodies that arrive slowly are in the way of each other, and of nobody else', async () => {
  const limits = { bodiesArrivingMax: 3, bodyBytesArrivingMax: 50_000, requestsInFlightMax: 3 }
  const narrow = start({ limits })
  const slow: Awaited<ReturnType<typeof slowBody>>[] = []
  for (let n = 0; n < 12; n++) slow.push(await slowBody(narrow))
  const served = async (body: string) => {
    expect((await fetch(`${narrow}/api/networks`)).status).toBe(200)
    expect((await fetch(`${narrow}/api/networks`, { method: 'POST', body })).status).toBe(200)
  }
  await served('{}')
  await served('x'.repeat(40_000))
  const answers = () => slow.filter(({ heard }) => heard.text.startsWith('HTTP/1.1 503')).length
  while (answers() < 9) await Bun.sleep(5)
  expect(slow.at(-1)!.heard.text).toBe('')
  // Those that are left hold what may be held of bytes, too.
  for (let n = 0; n < 2; n++) slow.push(await slowBody(narrow, 'x'.repeat(30_000)))
  await served('x'.repeat(40_000))
  for (const { socket } of slow) socket.terminate()
})

test('clients that hang up in the middle are no errors, and errors are not said a thousand times', async () => {
  const errors: unknown[] = []
  const log = { ...silent, error: (...line: unknown[]) => void errors.push(line) }
  const logging = start({ log })
  for (let n = 0; n < 20; n++) (await slowBody(logging)).socket.terminate()
  while ((await fetch(`${logging}/api/networks`)).status !== 200) await Bun.sleep(5)
  await Bun.sleep(50)
  expect(errors).toEqual([])
  answerWith = () => Promise.reject(new Error('by intent'))
  for (let n = 0; n < 20; n++) await fetch(`${logging}/api/networks`)
  expect(errors).toEqual([
    ['a request was not answered', expect.objectContaining({ error: 'by intent', times: 1 })],
  ])
})

test('a server that stops waits for nobody long', async () => {
  const result = startHttpServer({ ...options, limits: { stopTimeoutMs: 100 } })
  if (!result.ok) throw new Error(result.problem.what)
  answerWith = () => new Promise(() => {})
  const unanswered = fetch(`${result.value.url}/api/networks`).then(
    () => 'answered',
    () => 'cut',
  )
  while (dispatched.length === 0) await Bun.sleep(1)
  const began = performance.now()
  await result.value.stop()
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(await unanswered).toBe('cut')
})

test('a function that does not answer is given up, and the client told', async () => {
  answerWith = () => new Promise(() => {})
  const impatient = start({ limits: { answerTimeoutMs: 20 } })
  const answer = await fetch(`${impatient}/api/networks.yml`)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'text/yaml;charset=utf-8'])
  expect(await answer.text()).toContain(":code: '503'")
})

test('a body that does not arrive is given up', async () => {
  const impatient = start({ limits: { bodyTimeoutMs: 50 } })
  const { port } = new URL(impatient)
  let text = ''
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port: Number(port),
    socket: { data: (_, data) => void (text += data.toString()) },
  })
  socket.write('POST /api/networks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc')
  while (!text.includes('\r\n')) await Bun.sleep(5)
  expect(text).toStartWith('HTTP/1.1 400')
  socket.end()
})

test('errors of any kind become answers', async () => {
  answerWith = () =>
    Promise.reject(new ApiError('Unavailable', 'networks@3: exceededTime; nothing is written'))
  const told = await fetch(`${url}/api/networks`)
  expect([told.status, (await bodyOf(told)).message]).toEqual([
    503,
    'networks@3: exceededTime; nothing is written',
  ])
  answerWith = () => Promise.reject(new Error('secret'))
  const bug = await fetch(`${url}/api/networks`)
  expect([bug.status, (await bug.text()).includes('secret')]).toEqual([503, false])
})

test('wait=applied tells how far the datapaths are, in headers and in objects', async () => {
  const post = (query: string) => fetch(`${url}/api/networks?${query}`, { method: 'POST' })
  const object = await post('wait=applied&timeout_ms=10')
  expect(await bodyOf(object)).toEqual({
    a: 1,
    applied: { revision: 7, pending: ['after 10'], disconnected: ['dp-2'] },
  })
  expect(object.headers.get('x-vnet-revision')).toBe('7')
  expect(object.headers.get('x-vnet-applied')).toBe('false')
  expect(object.headers.get('x-vnet-disconnected')).toBe('dp-2')
  answerWith = async () => ({ status: 200, headers: json, body: '["nw-a"]', revision: 8 })
  const list = await post('wait=applied')
  expect([await list.json(), list.headers.get('x-vnet-pending')]).toEqual([['nw-a'], 'after 5000'])
  answerWith = async () => ({ status: 200, headers: json, body: '{}', revision: 8 })
  expect((await bodyOf(await post('wait=applied'))).applied.revision).toBe(8)
  for (const query of [
    'wait=soon',
    'wait=applied&timeout_ms=-1',
    'wait=applied&timeout_ms=60001',
    'wait=applied&timeout_ms=x',
  ])
    expect((await post(query)).status).toBe(400)
  expect((await fetch(`${url}/api/networks?wait=applied`)).headers.get('x-vnet-applied')).toBeNull()
})

test('whoever else must know of the wait is told before the write is carried out', async () => {
  const order: string[] = []
  const announcing = start({
    announceWait: async (timeoutMs) => {
      await Bun.sleep(20)
      order.push(`announced ${timeoutMs}`)
    },
    dispatch: (request) => {
      order.push(request.method)
      return fine()
    },
  })
  await fetch(`${announcing}/api/networks?wait=applied&timeout_ms=70`, { method: 'POST' })
  await fetch(`${announcing}/api/networks`, { method: 'POST' })
  expect(order).toEqual(['announced 70', 'POST', 'POST'])
})

test('a refused write waits for nothing', async () => {
  answerWith = async () => ({ status: 400, headers: json, body: '{"error":"x"}', revision: 7 })
  const answer = await fetch(`${url}/api/networks?wait=applied`, { method: 'POST' })
  expect([answer.status, await answer.json()]).toEqual([400, { error: 'x' }])
})

test("a datapath's status is answered by the host", async () => {
  expect(await (await fetch(`${url}/api/1.0/datapaths/dp-1/status.json`)).json()).toEqual(statusOf('dp-1'))
  expect(await (await fetch(`${url}/api/datapaths/dp-1/status.yml`)).text()).toContain(':connected: false')
  const unknown = await fetch(`${url}/api/datapaths/dp-9/status`)
  expect([unknown.status, (await bodyOf(unknown)).code]).toEqual([404, '100'])
  expect((await fetch(`${url}/api/datapaths/nw-1/status`)).status).toBe(400)
  expect(dispatched).toEqual([])
})

test('the audit is answered by the host', async () => {
  expect(await bodyOf(await fetch(`${url}/api/1.0/audit`))).toEqual(emptyAudit)
  expect(dispatched).toEqual([])
})

test('HEAD answers as GET does, without a body', async () => {
  const answer = await fetch(`${url}/api/networks`, { method: 'HEAD' })
  expect([answer.status, await answer.text(), dispatched[0]?.method]).toEqual([200, '', 'GET'])
})

test('a port that is taken is a problem that says what to do', () => {
  const { port } = new URL(url)
  const result = startHttpServer({ ...options, port: Number(port) })
  expect(result.ok).toBe(false)
  if (!result.ok)
    expect(result.problem).toMatchObject({ where: `--http 127.0.0.1:${port}`, hint: expect.any(String) })
})
