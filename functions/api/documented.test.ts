/** The OpenAPI document holds: it is valid itself, and what holds answers against it finds what is not described. */
import { expect, test } from 'bun:test'
import { validate } from '@hyperjump/json-schema/openapi-3-1'
import { errorName } from '../../runtime/http/errors.ts'
import { differencesOf, document, openApiSchema } from './described.ts'
import { assertDocumented } from './documented.ts'

const valid = async (candidate: unknown) => (await validate(openApiSchema, candidate as never)).valid

test('the document is one of OpenAPI 3.1', async () => {
  expect(await valid(document)).toBe(true)
  expect(await valid({ ...document, pathz: {} })).toBe(false)
  const { components } = document
  const schemas = { ...components.schemas, Network: { type: 'objekt' } }
  expect(await valid({ ...document, components: { ...components, schemas } })).toBe(false)
})

const references = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [inner] : references(inner)))
}

test('what it refers to is there', () => {
  for (const reference of new Set(references(document))) {
    const keys = reference.replace(/^#\//, '').split('/')
    const found = keys.reduce<unknown>(
      (at, key) => (at as Record<string, unknown> | undefined)?.[key],
      document,
    )
    expect([reference, typeof found]).toEqual([reference, 'object'])
  }
})

test('objects of answers are closed, and every field says what it is', () => {
  const vague: string[] = []
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    if (schema.additionalProperties !== false) vague.push(name)
    for (const [key, field] of Object.entries(schema.properties ?? {})) {
      const { $ref, description, items, type, const: constant } = field as Record<string, unknown>
      const told = description ?? $ref ?? items ?? constant
      if (told === undefined || (type === 'object' && $ref === undefined)) vague.push(`${name}.${key}`)
    }
  }
  expect(vague).toEqual([])
})

const segment = {
  ...{ id: 1, uuid: 'seg-a', mode: 'virtual' },
  ...{ created_at: '2026-11-22 10:37:25 UTC', updated_at: '2026-11-22 10:37:25 UTC' },
  ...{ deleted_at: null, is_deleted: 0 },
}
const error = (name: string, code: string) => ({ error: errorName(name as never), message: '', code })
const unknown = error('UnknownUUIDResource', '100')
const page = { total_count: 1, offset: 0, limit: 30 }
const { mode: _, ...incomplete } = segment

const answers: [string, string, string, number, unknown, boolean][] = [
  ['an answer as described', 'GET', '/segments/seg-a.json', 200, segment, true],
  ['a field too many', 'GET', '/segments/seg-a', 200, { ...segment, secret: 1 }, false],
  ['a field too few', 'GET', '/segments/seg-a', 200, incomplete, false],
  ['another type', 'GET', '/segments/seg-a', 200, { ...segment, id: '1' }, false],
  ['a list', 'GET', '/segments?limit=5', 200, { ...page, items: [segment] }, true],
  [
    'a list with something else in it',
    'GET',
    '/segments',
    200,
    { ...page, items: [{ ...segment, x: 1 }] },
    false,
  ],
  ['an error', 'GET', '/segments/seg-a', 404, unknown, true],
  ['an error with a field too many', 'GET', '/segments/seg-a', 404, { ...unknown, index: 1 }, false],
  ['an error of another operation', 'GET', '/segments', 404, unknown, false],
  ['an error under another code', 'GET', '/segments/seg-a', 404, { ...unknown, code: '101' }, false],
  ['an error with another status', 'GET', '/segments/seg-a', 409, unknown, false],
  ['a success without an operation', 'GET', '/nothing', 200, {}, false],
  ['no such operation', 'GET', '/nothing', 404, undefined, true],
]

test.each(answers)('%s', async (_, method, path, status, json, fits) => {
  const differences = await differencesOf(method, `/api/1.0${path}`, { status, json })
  expect([differences.length === 0, differences]).toEqual([fits, differences])
})

test('items of a batch are held against their own operations', async () => {
  const items = [{ method: 'get', path: '/segments/seg-a' }]
  const held = (status: number, json: unknown) =>
    assertDocumented('POST', '/api/batch', items, { status, json })
  await held(200, [{ status: 200, body: segment }])
  await held(404, { ...unknown, index: 0 })
  expect(held(200, [{ status: 200, body: ['seg-a'] }])).rejects.toThrow('not as the OpenAPI document says')
  expect(held(409, { ...error('AddressInUse', '115'), index: 0 })).rejects.toThrow('409 is not described')
})
