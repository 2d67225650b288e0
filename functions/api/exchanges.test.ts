/**
 * Requests and answers as OpenVNet's web API had them (`exchanges.jsonl`), but for what was an error 500 there and for
 * fields that are new. In it, `#` stands for any id, `time` for any time, and `????????` for what is made up.
 */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openTestApi, type TestAnswer, type TestApi } from './testing.ts'

interface Exchange {
  readonly method: string
  readonly path: string
  readonly parameters: Readonly<Record<string, string | number>>
  readonly status: number
  readonly answer: unknown
}

const exchanges: Exchange[] = readFileSync(join(import.meta.dir, 'exchanges.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))

const madeUp = /\b(ml|il|nw)-[a-z0-9]{8}\b/

function placeholder(key: string, value: string | number): unknown {
  if (typeof value === 'number')
    return key === 'id' || key.endsWith('_id') || (key === 'is_deleted' && value > 0) ? '#' : value
  if (key.endsWith('_at')) return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/.test(value) ? 'time' : value
  if (key === 'mac_address') return value.replace(/^(52:56:01)(:[0-9a-f]{2}){3}$/, '$1:??:??:??')
  if (key === 'domain_name' && /^[a-z0-9]{8}$/.test(value)) return '????????'
  return key.endsWith('uuid') || key === 'message' ? value.replace(madeUp, '$1-????????') : value
}

function general(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => general(item, key))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, general(inner, name)]))
  return typeof value === 'string' || typeof value === 'number' ? placeholder(key, value) : value
}

const texts = (parameters: Exchange['parameters']) =>
  Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]))
const query = (exchange: Exchange) => new URLSearchParams(texts(exchange.parameters)).toString()

/** What is unknown is answered in HTML only where no suffix asks for something else. */
const suffix = ({ answer }: Exchange) => (typeof answer === 'string' ? '' : '.json')

type Send = (api: TestApi, exchange: Exchange) => Promise<TestAnswer>
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const json = { 'content-type': 'application/json' }

/** Every way in which clients send the same parameters. */
const ways: Readonly<Record<string, Send>> = {
  'in the query, with the short prefix': (api, one) =>
    api.request({ method: one.method, target: `/api${one.path}?${query(one)}`, headers: {}, body: '' }),
  'in a form': (api, one) =>
    api.request({
      method: one.method,
      target: `/api/1.0${one.path}${suffix(one)}`,
      headers: form,
      body: query(one),
    }),
  'in a wrapped JSON body': (api, one) =>
    api.request({
      method: one.method,
      target: `/api/1.0${one.path}${suffix(one)}`,
      headers: json,
      body: JSON.stringify({ object: one.parameters }),
    }),
  'in a flat JSON body': (api, one) => api.call(one.method, one.path, one.parameters),
  'in a YAML body with symbols': (api, one) =>
    api.request({
      method: one.method,
      target: `/api/1.0${one.path}`,
      headers: { 'content-type': 'text/yaml' },
      body: `---\n:object:\n${Object.entries(texts(one.parameters))
        .map(([name, value]) => `  :${name}: ${JSON.stringify(value)}\n`)
        .join('')}`,
    }),
}

for (const [way, send] of Object.entries(ways)) {
  test(`answers as recorded, with parameters ${way}`, async () => {
    const api = await openTestApi()
    try {
      for (const exchange of exchanges) {
        const answer = await send(api, exchange)
        const seen = { ...exchange, status: answer.status, answer: general(answer.json ?? answer.body) }
        expect(seen).toEqual(exchange)
      }
    } finally {
      await api.dispose()
    }
  })
}
