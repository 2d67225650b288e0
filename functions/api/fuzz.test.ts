/** Whatever clients send, the answer is a success or a refusal in the API's own words, and the API goes on. */
import { expect, test } from 'bun:test'
import type { Resource } from '../../runtime/http/declare.ts'
import { resources } from './resources.ts'
import { openTestApi, type TestAnswer, type TestApi } from './testing.ts'

const requestsCount = 4_000
const seed = 20_261_122

function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    // Numerical Recipes' linear congruential generator: the same requests in every run.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const uuids = ['dp', 'nw', 'seg', 'if', 'ml', 'il', 'ns'].flatMap((prefix) => [`${prefix}-1`, `${prefix}-2`])
const addresses = ['10.0.0.1', '10.0.0.2', '0.0.0.0', '255.255.255.255', '10.0.0.0/8', '02:00:00:00:00:01']
const modes = ['vif', 'host', 'simulated', 'physical', 'virtual', 'dhcp', 'static']
const numbers = [0, 1, 24, 33, -1, 2 ** 53, 1.5, '0x10', '1e9', Number.MAX_SAFE_INTEGER]
const odd = [
  '',
  ' ',
  'null',
  '\u0000',
  '\ud800',
  '"',
  "'",
  '%',
  '../..',
  '-1000000000001',
  '{}',
  'ÿ'.repeat(300),
  '__proto__',
  null,
  true,
  [],
  [1],
  {},
  { a: 1 },
  'true',
  'no',
  'x'.repeat(10_000),
  "'; DROP TABLE networks; --",
]
const values: unknown[] = [...uuids, ...addresses, ...modes, ...numbers, ...odd]

const operations = (resources as readonly Resource[]).flatMap((resource) =>
  Object.values(resource.operations).map((operation) => ({ resource, operation })),
)
const parameterNames = [
  ...new Set(operations.flatMap(({ operation }) => Object.keys(operation.parameters))),
  '__proto__',
  'constructor',
  'toString',
  'uuid[]',
  '',
]

/** What a parameter of this name is likely to take, so that deep code is reached too. */
const likely: Readonly<Record<string, readonly unknown[]>> = {
  uuid: uuids,
  mode: ['vif', 'host', 'simulated', 'physical', 'virtual', 'dhcp'],
  network_mode: ['physical', 'virtual'],
  dpid: ['1', '0x2', 'abc'],
  ipv4_network: ['10.0.0.0', '10.1.0.0'],
  ipv4_prefix: [8, 24],
  ipv4_address: ['10.0.0.1', '10.0.0.2', '10.1.0.1', '0.0.0.0'],
  mac_address: ['02:00:00:00:00:01', '02:00:00:00:00:02', '02:00:00:00:00:03'],
  port_name: ['tap0', 'tap1', 'eth0'],
  display_name: ['x', ''],
  node_id: ['a'],
}
const prefixes: Readonly<Record<string, string>> = {
  datapaths: 'dp',
  networks: 'nw',
  segments: 'seg',
  interfaces: 'if',
  mac_leases: 'ml',
  ip_leases: 'il',
  network_services: 'ns',
  network: 'nw',
  segment: 'seg',
  interface: 'if',
  datapath: 'dp',
  owner_datapath: 'dp',
  mac_lease: 'ml',
}

const types = ['application/json', 'text/yaml', 'application/x-www-form-urlencoded', 'text/plain', '']

function requestFrom(random: (below: number) => number) {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!
  const { resource, operation } = pick(operations)
  const anyOf = (name: string): unknown => {
    if (random(12) === 0) return pick(values)
    const object = name === 'uuid' ? resource.name : name.replace(/_uuid$/, '')
    if (name.endsWith('uuid')) return `${prefixes[object] ?? 'xx'}-${1 + random(3)}`
    return pick(likely[name] ?? [true, false, 1, 'x'])
  }
  const path = `${resource.path}${operation.path}`
    .replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(anyOf(name)).toWellFormed()))
    .replace(/\/$/, '')
  const given: Record<string, unknown> = {}
  const required = Object.entries(operation.parameters)
  for (const [name, { type }] of required)
    if (type !== 'optional' ? random(20) > 0 : random(3) === 0) given[name] = anyOf(name)
  if (random(20) === 0) given[pick(parameterNames)] = pick(values)
  const method =
    random(20) === 0 ? pick(['PATCH', 'GET', 'POST', 'PUT', 'DELETE', 'OPTIONS']) : operation.method
  const pairs = Object.entries(given).map(([name, value]) => [name, String(value).toWellFormed()] as [string, string])
  const suffix = pick(['', '.json', '.yml', '.xml', '.'])
  const inBody = random(2) === 0
  const body = inBody ? JSON.stringify(random(2) === 0 ? given : { wrapped: given }) : ''
  return {
    method,
    target: `/api/1.0${path}${suffix}${inBody ? '' : `?${new URLSearchParams(pairs)}`}`,
    headers: { 'content-type': !inBody ? '' : random(20) === 0 ? pick(types) : 'application/json' },
    body: random(30) === 0 ? body.slice(0, random(body.length + 1)) : body,
  }
}

const isRefusal = ({ status, json, body }: TestAnswer) =>
  status === 404 && body.includes('Not Found') ? true : /^\d{3}$/.test(json?.code) && json.message.length > 0

async function survives(api: TestApi, request: ReturnType<typeof requestFrom>) {
  const answer = await api.request(request)
  if (answer.status >= 500 || ![200, 400, 404, 409].includes(answer.status))
    throw new Error(`${request.method} ${request.target} ${request.body}: ${answer.status} ${answer.body}`)
  if (answer.status !== 200 && !request.target.includes('.yml') && !isRefusal(answer))
    throw new Error(`${request.method} ${request.target}: ${answer.status} ${answer.body}`)
  return answer.status
}

test(`${requestsCount} odd requests: none is an error of the API`, async () => {
  const api = await openTestApi()
  try {
    const random = randomFrom(seed)
    const seen = new Map<number, number>()
    for (let count = 0; count < requestsCount; count++) {
      const status = await survives(api, requestFrom(random))
      seen.set(status, (seen.get(status) ?? 0) + 1)
    }
    // All kinds of answers, else the requests were not odd in the right way.
    for (const status of [200, 400, 404, 409]) expect(seen.get(status) ?? 0).toBeGreaterThan(10)
  } finally {
    await api.dispose()
  }
}, 60_000)
