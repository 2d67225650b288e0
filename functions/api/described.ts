/** For tests: what the OpenAPI document says of operations, and whether their answers are like that. */
import { registerSchema, validate } from '@hyperjump/json-schema/openapi-3-1'
import { buildApp } from '../../runtime/http/isolate-app.ts'
import { openApiDocument } from '../../runtime/http/openapi/document.ts'
import { parseTarget } from '../../runtime/http/target.ts'
import { apiFunctions } from './index.ts'

export const document = openApiDocument(buildApp(apiFunctions))
const documentUri = 'https://openvnet.example/openapi'
export const openApiSchema = 'https://spec.openapis.org/oas/3.1/schema-base'
registerSchema(document as never, documentUri, openApiSchema)

export interface SeenAnswer {
  readonly status: number
  /** Undefined: the body is no JSON. */
  readonly json: unknown
}

interface Described {
  /** `GET /networks/{uuid}` */
  readonly name: string
  readonly method: string
  readonly path: RegExp
  readonly responses: Readonly<Record<string, object>>
  /** Where the responses are in the document, as a JSON pointer. */
  readonly pointer: string
}

const escaped = (key: string) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))

export const described: readonly Described[] = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { responses }]) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path: new RegExp(`^${path.replace(/\.json$/, '').replace(/\{\w+\}/g, '[^/]+')}$`),
    responses,
    pointer: `/paths/${escaped(path)}/${method}/responses`,
  })),
)

/** The operation that a request is for; undefined: there is none, or the request is none. */
export function describedAt(method: string, target: string): Described | undefined {
  const path = parseTarget(target)?.path
  return path === undefined
    ? undefined
    : described.find((one) => one.method === method && one.path.test(path))
}

type Check = Awaited<ReturnType<typeof validate>>
const checks = new Map<string, Promise<Check>>()

async function differencesFrom(pointer: string, value: unknown): Promise<string[]> {
  const compiled = checks.get(pointer) ?? validate(`${documentUri}#${pointer}`)
  checks.set(pointer, compiled)
  const check = await compiled
  const output = check(value as never, 'BASIC')
  if (output.valid) return []
  return (output.errors ?? []).map(({ instanceLocation, absoluteKeywordLocation }) => {
    const keyword = decodeURIComponent(absoluteKeywordLocation.slice(documentUri.length))
    return `${instanceLocation} does not fit ${keyword}`
  })
}

const isReference = (response: object): response is { readonly $ref: string } => '$ref' in response

/** What the document does not say of an answer; nothing, where all is as described. */
export async function differencesOf(method: string, target: string, answer: SeenAnswer): Promise<string[]> {
  const operation = describedAt(method, target)
  if (operation === undefined) return answer.status < 400 ? ['no operation is described'] : []
  const { responses, pointer } = operation
  const response = responses[answer.status]
  if (response === undefined) return [`${answer.status} is not described`]
  if (answer.json === undefined) return []
  const at = isReference(response) ? response.$ref.slice(1) : `${pointer}/${answer.status}`
  return differencesFrom(`${at}/content/application~1json/schema`, answer.json)
}
