/** The parameters of a request, merged from its query and its body; the body wins. */
import { parse as parseYaml } from 'yaml'
import { ApiError, argumentError } from './errors.ts'
import { jsonErrorOffset, placeOf } from './json-error.ts'

export type Parameters = Readonly<Record<string, unknown>>

/** Most parameters of a query or a form. */
export const parametersMax = 1_000
/** YAML that refers to itself grows when it is read: at most this many times. */
const yamlAliasesMax = 100
/** Characters of YAML, of which the worst cost some µs each: hundreds of times those of JSON, which says the same. */
const yamlCharactersMax = 32 * 1024
/** Keys are text: one that is a map of maps would be written out again at every level. Of equal ones the last counts, as in JSON. */
const yamlOptions = {
  maxAliasCount: yamlAliasesMax,
  stringKeys: true,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'error',
} as const

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A query or form as parameters; of several of one name the last counts. */
export function parseQuery(query: string): Parameters {
  const parameters: Record<string, unknown> = Object.create(null)
  let count = 0
  for (const [name, value] of new URLSearchParams(query)) {
    if (++count > parametersMax) throw argumentError(`more than ${parametersMax} parameters`)
    parameters[name] = value
  }
  return parameters
}

/** Ruby writes the keys of a hash as symbols: `:uuid: nw-a`. */
const withoutColons = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutColons)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.replace(/^:/, ''), withoutColons(inner)]),
  )
}

type Parse = (text: string) => unknown
const json: Parse = (text) => JSON.parse(text)
const yaml: Parse = (text) => {
  if (text.length <= yamlCharactersMax) return withoutColons(parseYaml(text, yamlOptions))
  throw new ApiError('RequestTooLarge', `YAML of more than ${yamlCharactersMax} characters: send JSON`)
}
const formats: ReadonlyMap<string, Parse> = new Map([
  ['application/json', json],
  ['text/json', json],
  ['application/yaml', yaml],
  ['application/x-yaml', yaml],
  ['text/yaml', yaml],
  ['text/x-yaml', yaml],
])

/** Bodies of these types are forms, where they do not begin like JSON: curl calls what it is given a form. */
const formTypes = new Set(['', 'application/x-www-form-urlencoded', 'text/plain'])

/** OpenVNet's message, and behind it what is wrong and where. */
const invalidBody = (reason: string) => argumentError(`Invalid request body. ${reason}`)

function unreadable(body: string, parse: Parse, error: Error): ApiError {
  const format = parse === json ? 'JSON' : 'YAML'
  const [offset] = (error as { pos?: readonly number[] }).pos ?? [
    parse === json ? jsonErrorOffset(body) : undefined,
  ]
  const place = offset === undefined ? '' : `, ${placeOf(body, offset)}`
  return invalidBody(`${format}${place}: ${error.message.replace(/^JSON Parse error: /, '')}`)
}

/** The value of a JSON or YAML body; undefined where the body is empty or a form. Throws `ApiError` for other types. */
export function parseDocument(contentType: string | undefined, body: string): unknown {
  if (body.trim() === '') return undefined
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const parse = formats.get(type) ?? (/^\s*[[{]/.test(body) ? json : undefined)
  if (parse === undefined) {
    if (formTypes.has(type)) return undefined
    throw new ApiError(
      'UnsupportedMediaType',
      `content-type: must be ${[...formats.keys()].join(', ')}, application/x-www-form-urlencoded or multipart/form-data, not ${type}`,
    )
  }
  try {
    return parse(body)
  } catch (error) {
    throw error instanceof ApiError ? error : unreadable(body, parse, error as Error)
  }
}

/** `{"network": {…}}` → `{…}`; a flat object stays. */
export function unwrap(document: unknown): Parameters {
  if (document === undefined || document === null) return {}
  if (!isObject(document)) throw invalidBody('It must be an object: its keys are names of parameters.')
  const values = Object.values(document)
  return values.length === 1 && isObject(values[0]) ? values[0] : document
}

/** All parameters of a request. */
export function parametersOf(query: string, contentType: string | undefined, body: string): Parameters {
  const fromQuery = query === '' ? {} : parseQuery(query)
  if (body === '') return fromQuery
  const document = parseDocument(contentType, body)
  if (document !== undefined) return { ...fromQuery, ...unwrap(document) }
  return { ...fromQuery, ...parseQuery(body.trim()) }
}
