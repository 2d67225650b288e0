/** The OpenAPI document, from the declarations of the operations that an app serves. */
import { type JsonSchema, toJsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import type { Entries, Operation } from './declare.ts'
import { type ErrorClass, errorClasses } from './errors.ts'
import type { BuiltApp } from './isolate-app.ts'
import { hostPaths } from './openapi-host.ts'
import { operationOf } from './serve.ts'

/** A parameter as JSON Schema: what clients send, before it is converted. */
export function schemaOf(entry: v.GenericSchema): JsonSchema {
  const { $schema: _, ...schema } = toJsonSchema(entry, {
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      // Metadata is for the API's own use, but for the format.
      const { model: _model, prefix: _prefix, ...rest } = jsonSchema as Record<string, unknown>
      const { format } = v.getMetadata(valibotSchema) as { format?: string }
      return (format === undefined ? rest : { ...rest, format }) as JsonSchema
    },
  })
  return schema
}

const isRequired = (entry: v.GenericSchema) => entry.type !== 'optional'

const parameterOf = (where: 'path' | 'query', name: string, entry: v.GenericSchema) => {
  const { description = '', ...schema } = schemaOf(entry)
  const inPath = where === 'path'
  const needed = !inPath && isRequired(entry) ? ' (required, here or in the body)' : ''
  return { name, in: where, required: inPath, description: `${description}${needed}`, schema }
}

const waiting = [
  {
    name: 'wait',
    in: 'query',
    required: false,
    description:
      'applied: answer when every connected datapath has the flows of this write, or when timeout_ms are over. The write stands either way. ' +
      'An object gets the field `applied` with revision, pending and disconnected datapaths; every answer has the headers X-Vnet-Applied, X-Vnet-Pending and X-Vnet-Disconnected.',
    schema: { type: 'string', enum: ['applied'] },
  },
  {
    name: 'timeout_ms',
    in: 'query',
    required: false,
    description: 'how long to wait for the datapaths, in ms',
    schema: { type: 'integer', minimum: 0, maximum: 60_000, default: 5_000 },
  },
]

/** A body has what the query may have; bodies may be wrapped in one object (`{"network": {…}}`). */
function bodyOf(parameters: Entries) {
  const entries = Object.entries(parameters)
  const required = entries.filter(([, entry]) => isRequired(entry)).map(([name]) => name)
  const schema = {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, entry]) => [name, schemaOf(entry)])),
    ...(required.length === 0 ? {} : { required }),
  }
  const types = [
    'application/json',
    'application/yaml',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
  ]
  return {
    description: 'The parameters, unless they are in the query.',
    required: false,
    content: Object.fromEntries(types.map((type) => [type, { schema }])),
  }
}

const answerSchemas = {
  object: { type: 'object' },
  array: { type: 'array' },
  list: {
    type: 'object',
    required: ['total_count', 'offset', 'limit', 'items'],
    properties: {
      total_count: { type: 'integer' },
      offset: { type: 'integer' },
      limit: { type: 'integer' },
      items: { type: 'array', items: { type: 'object' } },
    },
  },
}

const refusals = {
  '400': 'Refused',
  '401': 'Unauthorized',
  '404': 'Unknown',
  '409': 'Taken',
  '413': 'TooLarge',
  '415': 'UnsupportedMediaType',
  '503': 'Unavailable',
}

const errorResponses = Object.fromEntries(
  Object.entries(refusals).map(([status, name]) => [status, { $ref: `#/components/responses/${name}` }]),
)

const jsonContent = (schema: object) => ({ 'application/json': { schema } })

/** `get_datapaths_uuid_networks`: for those who generate clients. */
const operationId = (method: string, path: string) =>
  [method.toLowerCase(), ...path.split(/[/:]+/).filter((part) => part !== '')].join('_')

function describeOperation(operation: Operation, path: string) {
  const { keys, parameters, summary, answers, method } = operation
  const writes = method !== 'GET'
  const hasBody = method !== 'GET' && method !== 'DELETE' && Object.keys(parameters).length > 0
  return {
    operationId: operationId(method, path),
    tags: [path.split('/')[1] ?? ''],
    summary,
    parameters: [
      ...Object.entries(keys).map(([name, entry]) => parameterOf('path', name, entry)),
      ...Object.entries(parameters).map(([name, entry]) => parameterOf('query', name, entry)),
      ...(writes ? waiting : []),
    ],
    ...(hasBody ? { requestBody: bodyOf(parameters) } : {}),
    responses: {
      '200': {
        description: 'Done, and durable.',
        headers: { 'X-Vnet-Revision': { $ref: '#/components/headers/Revision' } },
        content: jsonContent(answerSchemas[answers]),
      },
      ...errorResponses,
    },
  }
}

const errorSchema = {
  type: 'object',
  required: ['error', 'message', 'code'],
  properties: {
    error: {
      type: 'string',
      enum: (Object.keys(errorClasses) as ErrorClass[]).map((name) => `Vnet::Endpoints::${name}`),
    },
    message: { type: 'string' },
    code: { type: 'string', enum: [...new Set(Object.values(errorClasses).map(({ code }) => code))] },
    index: { type: 'integer', description: 'of the item of a batch that failed' },
  },
}

const components = {
  securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
  headers: {
    Revision: {
      description: 'The revision of the state that the write made, or that was read.',
      schema: { type: 'integer' },
    },
  },
  schemas: { Error: errorSchema },
  responses: Object.fromEntries(
    Object.values(refusals).map((name) => [
      name,
      { description: name, content: jsonContent({ $ref: '#/components/schemas/Error' }) },
    ]),
  ),
}

function pathsOf(app: BuiltApp) {
  const paths: Record<string, Record<string, object>> = {}
  for (const { path, method, handler } of app.hono.routes) {
    const operation = operationOf(handler)
    if (operation === undefined) continue
    const at = path.replace(/:(\w+)/g, '{$1}')
    paths[at] = { ...paths[at], [method.toLowerCase()]: describeOperation(operation, path) }
  }
  return paths
}

const cache = new WeakMap<BuiltApp, object>()

/** The document of an app; `.yml` gives it as YAML. */
export function openApiDocument(app: BuiltApp): object {
  let document = cache.get(app)
  if (document === undefined) {
    document = {
      openapi: '3.1.0',
      info: {
        title: 'OpenVNet',
        version: '1.0',
        description:
          'Virtual networks on Open vSwitch. Every path may end in .json or .yml, and may begin with /api or /api/1.0. ' +
          'Parameters are taken from the query and from the body, for every method.',
      },
      servers: [{ url: '/api/1.0' }, { url: '/api' }],
      security: [{ token: [] }, {}],
      paths: { ...pathsOf(app), ...hostPaths },
      components,
    }
    cache.set(app, document)
  }
  return document
}
