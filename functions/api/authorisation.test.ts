/** Who may use which route: all of them, under every kind of request, at a server that knows no difference between them. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Resource } from '../../runtime/http/declare.ts'
import { type HttpServer, startHttpServer } from '../../runtime/http/server.ts'
import { emptyAudit, statusOf } from '../../runtime/http/testing.ts'
import { silent } from '../../runtime/log.ts'
import { resources } from './resources.ts'

const token = 'T'.repeat(43)
const servers: HttpServer[] = []

function start(host: string): string {
  const result = startHttpServer({
    host,
    port: 0,
    token,
    insecure: false,
    corsOrigins: [],
    log: silent,
    dispatch: async () => ({ status: 200, headers: {}, body: '{}', revision: 1 }),
    waitApplied: async (revision) => ({ revision, pending: [], disconnected: [] }),
    datapathStatus: statusOf,
    audit: async () => emptyAudit,
  })
  if (!result.ok) throw new Error(result.problem.what)
  servers.push(result.value)
  return `http://127.0.0.1:${result.value.port}`
}

let local = ''
let wide = ''
beforeAll(() => {
  local = start('127.0.0.1')
  wide = start('0.0.0.0')
})
afterAll(() => Promise.all(servers.map((server) => server.stop())))

const routes = (resources as readonly Resource[]).flatMap(({ path, operations }) =>
  Object.values(operations).map((operation) => ({
    method: operation.method,
    path: `/api/1.0${path}${operation.path.replace(/:(\w+)/g, 'dp-1').replace(/\/$/, '')}`,
  })),
)
for (const path of ['openapi.json', 'audit']) routes.push({ method: 'GET', path: `/api/1.0/${path}` })
routes.push({ method: 'POST', path: '/api/1.0/batch' }, { method: 'GET', path: '/' })

const bearer = { authorization: `Bearer ${token}` }
const wrong = { authorization: 'Bearer wrong' }
const page = { origin: 'https://evil.example' }
const cases: [string, Record<string, string>, { loopback: number; beyond: number }][] = [
  ['nothing', {}, { loopback: 200, beyond: 401 }],
  ['the token', bearer, { loopback: 200, beyond: 200 }],
  ['a wrong token', wrong, { loopback: 200, beyond: 401 }],
  ['another scheme', { authorization: `Basic ${token}` }, { loopback: 200, beyond: 401 }],
  ['an origin', page, { loopback: 401, beyond: 401 }],
  ['an opaque origin', { origin: 'null' }, { loopback: 401, beyond: 401 }],
  ['the origin of the API itself', { origin: 'http://127.0.0.1:9090' }, { loopback: 401, beyond: 401 }],
  ['an origin and a wrong token', { ...page, ...wrong }, { loopback: 401, beyond: 401 }],
  ['an origin and the token', { ...page, ...bearer }, { loopback: 200, beyond: 200 }],
  ['a page of another site', { 'sec-fetch-site': 'cross-site' }, { loopback: 401, beyond: 401 }],
  ['another name (DNS rebinding)', { host: 'evil.example' }, { loopback: 403, beyond: 401 }],
  ['another name that begins well', { host: '127.0.0.1.evil.example' }, { loopback: 403, beyond: 401 }],
  ['another name and the token', { host: 'evil.example', ...bearer }, { loopback: 200, beyond: 200 }],
  ['localhost', { host: 'localhost:9090' }, { loopback: 200, beyond: 401 }],
  ['an IPv6 name of this machine', { host: '[::1]:9090' }, { loopback: 200, beyond: 401 }],
]

test.each(cases)('with %s: every route is open or closed', async (_, headers, { loopback, beyond }) => {
  for (const [base, expected] of [
    [local, loopback],
    [wide, beyond],
  ] as const)
    for (const { method, path } of routes) {
      const { status } = await fetch(`${base}${path}`, { method, headers })
      expect([method, path, status]).toEqual([method, path, expected])
    }
})
