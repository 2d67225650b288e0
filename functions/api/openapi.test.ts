import { expect, test } from 'bun:test'
import { buildApp } from '../../runtime/http/isolate-app.ts'
import { openApiDocument } from '../../runtime/http/openapi/document.ts'
import { apiFunctions } from './index.ts'
import { resources } from './resources.ts'
import { openTestApi } from './testing.ts'

interface Parameter {
  readonly name: string
  readonly in: string
  readonly description: string
  readonly schema: { readonly type?: string; readonly enum?: readonly string[] }
}
interface Described {
  readonly summary: string
  readonly parameters?: readonly Parameter[]
}

const document = openApiDocument(buildApp(apiFunctions)) as {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
}

test('every operation that is declared is served and described, with every parameter', () => {
  for (const { path, operations } of resources)
    for (const operation of Object.values(operations)) {
      const at = `${path}${operation.path === '/' ? '' : operation.path}`.replace(/:(\w+)/g, '{$1}')
      const described = document.paths[at]?.[operation.method.toLowerCase()]
      expect([at, described?.summary]).toEqual([at, operation.summary])
      const names = described?.parameters?.map(({ name }) => name)
      expect(names).toEqual(
        expect.arrayContaining([...Object.keys(operation.keys), ...Object.keys(operation.parameters)]),
      )
    }
})

test('every parameter says what it is, and of which type', () => {
  for (const [path, methods] of Object.entries(document.paths))
    for (const { parameters = [] } of Object.values(methods))
      for (const { name, description, schema } of parameters) {
        expect([path, name, description.length > 3]).toEqual([path, name, true])
        expect([path, name, ['string', 'integer', 'boolean']]).toEqual([
          path,
          name,
          expect.arrayContaining([schema.type!]),
        ])
      }
})

test('schemas say what the API checks', () => {
  const parameters = document.paths['/networks']!['post']!.parameters!
  const schemaOf = (name: string) => parameters.find((one) => one.name === name)!.schema
  expect(schemaOf('uuid')).toEqual({ type: 'string', pattern: '^nw-[a-z0-9]{1,16}$' } as object)
  expect(schemaOf('ipv4_prefix')).toMatchObject({ type: 'integer', minimum: 1, maximum: 32 })
  expect(schemaOf('mode').enum).toEqual(['physical', 'virtual', 'internal'])
  const owner = document.paths['/mac_leases']!['post']!.parameters!.find(
    ({ name }) => name === 'interface_uuid',
  )
  expect(owner?.schema).toEqual({ type: 'string', maxLength: 64, pattern: '^if-\\w+$' } as object)
  const leases = document.paths['/ip_leases']!['post']!.parameters!
  expect(leases.find(({ name }) => name === 'ipv4_address')?.schema).toMatchObject({
    type: 'string',
    format: 'ipv4',
  })
})

test('it is served as JSON and as YAML', async () => {
  const api = await openTestApi()
  try {
    expect((await api.call('GET', '/openapi.json')).json.openapi).toBe('3.1.0')
    expect((await api.call('GET', '/openapi.yml')).body).toContain(':openapi:')
  } finally {
    await api.dispose()
  }
})
