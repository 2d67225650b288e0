/** The OpenAPI document, from the declarations of the operations that an app serves. */
import type { BuiltApp } from '../isolate-app.ts'
import { operationOf } from '../serve.ts'
import { hostPaths } from './host-paths.ts'
import { describeOperation } from './operations.ts'
import { errorResponses, errorSchemas } from './refusals.ts'
import type { Components } from './schemas.ts'

const header = (description: string, type: string) => ({ description, schema: { type } })
const headers = {
  Revision: header('The revision of the state that the write made, or that was read.', 'integer'),
  Applied: header('After ?wait=applied: whether every datapath has the flows of the write.', 'boolean'),
  Pending: header('After ?wait=applied: uuids of connected datapaths that have not, with commas.', 'string'),
  Disconnected: header('After ?wait=applied: uuids of datapaths that are away, with commas.', 'string'),
  RetryAfter: header('When to try again, in seconds.', 'integer'),
}

type Paths = Record<string, Record<string, ReturnType<typeof describeOperation>>>

function pathsOf(app: BuiltApp, components: Components): Paths {
  const paths: Paths = {}
  for (const { path, method, handler } of app.hono.routes) {
    const operation = operationOf(handler)
    if (operation === undefined) continue
    const at = path.replace(/:(\w+)/g, '{$1}')
    paths[at] = { ...paths[at], [method.toLowerCase()]: describeOperation(operation, path, components) }
  }
  return paths
}

const answersOf = (paths: Paths) =>
  Object.values(paths).flatMap((methods) =>
    Object.values(methods).map(({ responses }) => responses['200'].content['application/json'].schema),
  )

function describe(app: BuiltApp) {
  const schemas: Components = { ...errorSchemas }
  const paths = pathsOf(app, schemas)
  return {
    openapi: '3.1.0',
    info: {
      title: 'OpenVNet',
      version: '1.0',
      description:
        'Virtual networks on Open vSwitch. Every path may end in .json or .yml, and may begin with /api or /api/1.0. ' +
        'Parameters are taken from the query and from the body, for every method. Answers are JSON, as described here; ' +
        'where the path ends in .yml the same as YAML, with keys as Ruby writes symbols (`:uuid: nw-a`).',
    },
    servers: [{ url: '/api/1.0' }, { url: '/api' }],
    security: [{ token: [] }, {}],
    paths: { ...paths, ...hostPaths(answersOf(paths), schemas) },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      headers,
      responses: errorResponses,
      schemas: Object.fromEntries(Object.entries(schemas).sort(([one], [other]) => (one < other ? -1 : 1))),
    },
  }
}

export type OpenApiDocument = ReturnType<typeof describe>

const cache = new WeakMap<BuiltApp, OpenApiDocument>()

/** The document of an app; `.yml` gives it as YAML. */
export function openApiDocument(app: BuiltApp): OpenApiDocument {
  let document = cache.get(app)
  if (document === undefined) {
    document = describe(app)
    cache.set(app, document)
  }
  return document
}
