/** What the host's shell answers is as the OpenAPI document says: refusals, statuses, audits, and `applied`. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type HttpServer, startHttpServer } from '../../runtime/http/server.ts'
import { httpLimits } from '../../runtime/http/shell/limits.ts'
import { emptyAudit, statusOf } from '../../runtime/http/testing.ts'
import { silent } from '../../runtime/log.ts'
import { assertDocumented } from './documented.ts'
import { openTestApi, type TestApi } from './testing.ts'

let api: TestApi
let server: HttpServer
beforeAll(async () => {
  api = await openTestApi()
  const started = startHttpServer({
    ...{ host: '127.0.0.1', port: 0, token: 'T'.repeat(43), insecure: false, corsOrigins: [], log: silent },
    dispatch: (request) => api.request(request),
    waitApplied: async (revision) => ({ revision, pending: ['dp-1'], disconnected: ['dp-2'] }),
    datapathStatus: (uuid) => (uuid === 'dp-1' ? statusOf(uuid) : undefined),
    audit: async () => emptyAudit,
  })
  if (!started.ok) throw new Error(started.problem.what)
  server = started.value
})
afterAll(async () => {
  await server?.stop()
  await api?.dispose()
})

const network = { uuid: 'nw-a', ipv4_network: '10.0.0.0' }
const member = '/interfaces/if-a/networks/nw-a'
const large = 'x'.repeat(httpLimits.bodyBytesMax + 1)
type Case = readonly [status: number, method: string, path: string, body: unknown, headers?: object]
const cases: readonly Case[] = [
  [200, 'POST', '/networks?wait=applied', network],
  [200, 'PUT', '/networks/nw-a?wait=applied&timeout_ms=1', { display_name: 'x' }],
  [200, 'POST', '/interfaces?wait=applied', { uuid: 'if-a', mode: 'vif' }],
  [200, 'PUT', `${member}?wait=applied`, { static: true }],
  [200, 'PUT', `${member}?wait=applied`, {}],
  [200, 'POST', '/batch?wait=applied', [{ method: 'DELETE', path: '/interfaces/if-a' }]],
  [200, 'DELETE', '/networks/nw-a?wait=applied', {}],
  [200, 'GET', '/datapaths/dp-1/status', undefined],
  [404, 'GET', '/datapaths/dp-9/status', undefined],
  [400, 'GET', '/datapaths/nw-1/status', undefined],
  [200, 'GET', '/audit', undefined],
  [200, 'GET', '/openapi.json', undefined],
  [400, 'POST', '/networks?wait=forever', network],
  [401, 'GET', '/networks', undefined, { origin: 'https://evil.example' }],
  [401, 'GET', '/audit', undefined, { origin: 'https://evil.example' }],
  [403, 'GET', '/networks', undefined, { host: 'evil.example' }],
  [413, 'POST', '/networks', { display_name: large }],
  [413, 'GET', `/networks?x=${'x'.repeat(httpLimits.targetLengthMax)}`, undefined],
  [415, 'POST', '/networks', '<a/>', { 'content-type': 'application/xml' }],
]

test.each(cases.map((one) => ({ one, name: `${one[0]} ${one[1]} ${one[2].slice(0, 60)}` })))(
  '$name',
  async ({ one: [expected, method, path, body, headers = {}] }) => {
    const target = `/api/1.0${path}`
    const response = await fetch(`${server.url}${target}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const json: unknown = await response.json()
    expect([response.status, json]).toEqual([expected, json])
    await assertDocumented(method, target, body, { status: response.status, json })
    if (path.includes('wait=applied')) expect('applied' in (json as object)).toBe(!Array.isArray(json))
  },
)
