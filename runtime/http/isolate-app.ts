/** The API inside an isolate: every API function's routes on one Hono app, called with plain requests. */
import { Hono } from 'hono'
import { runBatch } from './batch.ts'
import { ApiError } from './errors.ts'
import { formDataParameters, isFormData } from './form-data.ts'
import { parametersOf, parseQuery } from './input.ts'
import type { PlainRequest, PlainResponse } from './plain.ts'
import { notFound, type Representation, represent } from './represent.ts'
import type { ApiApp, ApiEnvironment } from './serve.ts'
import { parseTarget, type Target } from './target.ts'

/** What the app needs of an API function. */
export interface MountedFunction {
  readonly name: string
  readonly path: string
  // biome-ignore lint/suspicious/noExplicitAny: which variables and routes an app has is the API's own business
  readonly routes: (app: any) => unknown
}

/** An answer, and whether what was written in the draft is to be committed. */
export interface ApiResponse extends PlainResponse {
  readonly commit: boolean
}

export interface BuiltApp {
  readonly hono: ApiApp
  readonly functions: readonly MountedFunction[]
}

/** A handler threw what was no refusal: an error of the function, whose name it carries. */
export class ApiFunctionError extends Error {
  override readonly name = 'ApiFunctionError'
  readonly functionName: string

  constructor(functionName: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.functionName = functionName
  }
}

/** Mounts the routes of every function at its path. */
export function buildApp(functions: readonly MountedFunction[]): BuiltApp {
  const hono: ApiApp = new Hono()
  for (const { path, routes } of functions) {
    const own: ApiApp = new Hono()
    routes(own)
    hono.route(path, own)
  }
  hono.notFound((c) => c.body(notFound.body, 404, { ...notFound.headers }))
  hono.onError((error, c) => {
    // A draft of another bundle throws its own copy of the class: the name decides.
    if (error.name === 'ApiError') return c.json(error, (error as ApiError).status)
    throw error
  })
  return { hono, functions }
}

const functionAt = (app: BuiltApp, path: string) =>
  app.functions.find((one) => path === one.path || path.startsWith(`${one.path}/`))?.name ?? 'api'

/** Runs one request on the app. `path` is relative to the API and without suffix. */
export async function runRequest(
  app: BuiltApp,
  method: string,
  path: string,
  parameters: Readonly<Record<string, unknown>>,
  environment: ApiEnvironment,
): Promise<Response> {
  try {
    return await app.hono.fetch(new Request(`http://api${path}`, { method }), { environment, parameters })
  } catch (error) {
    throw new ApiFunctionError(functionAt(app, path), error)
  }
}

/** Whether the answer is that no route leads to the request. */
export const isUnknown = (response: Response): boolean =>
  response.status === 404 && response.headers.get('content-type') === notFound.headers['content-type']

const methods = ['GET', 'POST', 'PUT', 'DELETE']

/** Says what there is instead: the methods that the path has. */
export function unknownOperationError(app: BuiltApp, method: string, path: string): ApiError {
  const possible = methods.filter((one) => app.hono.router.match(one, path)[0].length > 0)
  const hint = possible.length === 0 ? '' : `; the path has ${possible.join(', ')}`
  return new ApiError('UnknownOperation', `no such operation: ${method} ${path}${hint}`)
}

/** As OpenVNet has it in HTML; for whoever names the representation that is wanted, an error like the others. */
function unknownOperation(app: BuiltApp, { method, headers }: PlainRequest, target: Target): ApiResponse {
  if (!target.explicit && headers['accept']?.includes('application/json') !== true)
    return { ...notFound, commit: false }
  return refuse(unknownOperationError(app, method, target.path), target.representation)
}

const refuse = (error: ApiError, representation: Representation): ApiResponse => ({
  ...represent(error.status, JSON.stringify(error), representation),
  commit: false,
})

/** Where to begin to read. */
const apiIndex = ({ functions }: BuiltApp) => ({
  openapi: '/api/1.0/openapi.json',
  resources: functions.map(({ path }) => `/api/1.0${path}`),
})

const isTopList = (path: string) => path.indexOf('/', 1) === -1

async function answer(
  app: BuiltApp,
  request: PlainRequest,
  target: Target,
  environment: ApiEnvironment,
): Promise<ApiResponse> {
  const { path, query, representation } = target
  const contentType = request.headers['content-type']
  if (path === '/' && request.method === 'GET')
    return { ...represent(200, JSON.stringify(apiIndex(app)), representation), commit: false }
  if (path === '/openapi' && request.method === 'GET') {
    // Few ask for it, and it would slow down the start of every isolate.
    const { openApiDocument } = await import('./openapi/document.ts')
    return { ...represent(200, JSON.stringify(openApiDocument(app)), representation), commit: false }
  }
  if (path === '/browse' && request.method === 'GET') {
    const { browse } = await import('./openapi/browse.ts')
    const suffix = target.explicit ? representation : undefined
    return { ...browse(app, parseQuery(query)['format'], suffix), commit: false }
  }
  if (path === '/batch' && request.method === 'POST') {
    const { status, json } = await runBatch(app, contentType, request.body, environment)
    return { ...represent(status, json, representation), commit: status < 400 }
  }
  const parameters =
    contentType !== undefined && isFormData(contentType)
      ? { ...parseQuery(query), ...(await formDataParameters(contentType, request.body)) }
      : parametersOf(query, contentType, request.body)
  const response = await runRequest(app, request.method, path, parameters, environment)
  if (isUnknown(response)) return unknownOperation(app, request, target)
  const body = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  const plain = isJson
    ? represent(response.status, body, representation, isTopList(path))
    : { status: response.status, headers: Object.fromEntries(response.headers), body }
  return { ...plain, commit: response.status < 400 }
}

/**
 * Answers one request. Refusals are answers; an error of a function's own is thrown as `ApiFunctionError`.
 * Writes to the environment's draft count only where the answer says `commit`.
 */
export async function handleApiRequest(
  app: BuiltApp,
  request: PlainRequest,
  environment: ApiEnvironment,
): Promise<ApiResponse> {
  const target = parseTarget(request.target)
  if (target === undefined) return { ...notFound, commit: false }
  try {
    return await answer(app, request, target, environment)
  } catch (error) {
    if (error instanceof ApiError) return refuse(error, target.representation)
    throw error
  }
}
