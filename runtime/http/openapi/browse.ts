/** `GET /browse`: the routes and their parameters in the form in which OpenVNet has always told them. */
import type * as v from 'valibot'
import { type BaseType, baseTypeOf } from '../coerce.ts'
import type { Operation } from '../declare.ts'
import { ApiError } from '../errors.ts'
import type { BuiltApp } from '../isolate-app.ts'
import type { PlainResponse } from '../plain.ts'
import { type Representation, represent } from '../represent.ts'
import { operationOf } from '../serve.ts'
import { isRequired } from './parameters.ts'
import { schemaOf } from './schemas.ts'

const typeNames: Readonly<Record<BaseType, string>> = {
  text: 'String',
  integer: 'Integer',
  boolean: 'Boolean',
}

function browseParameter(name: string, schema: v.GenericSchema) {
  const { enum: words, default: otherwise, pattern, description } = schemaOf(schema)
  return {
    name,
    type: typeNames[baseTypeOf(schema)],
    required: isRequired(schema),
    ...(otherwise === undefined ? {} : { default: otherwise }),
    ...(words === undefined ? {} : { in: words }),
    ...(pattern === undefined ? {} : { format: pattern }),
    ...(description === undefined ? {} : { description }),
  }
}

const browseRoute = ({ method, summary, keys, parameters }: Operation, path: string) => ({
  // Two spaces, as it always was.
  route: `${method}  ${path}`,
  description: summary,
  parameters: Object.entries({ ...keys, ...parameters }).map(([name, schema]) =>
    browseParameter(name, schema),
  ),
})
type Route = ReturnType<typeof browseRoute>

const routesOf = (app: BuiltApp): Route[] =>
  app.hono.routes.flatMap(({ path, handler }) => {
    const operation = operationOf(handler)
    return operation === undefined ? [] : [browseRoute(operation, path)]
  })

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

const item = ({ name, type, required, ...more }: Route['parameters'][number]) => {
  const rest = Object.entries(more).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
  const said = escaped([type, required ? 'required' : 'optional', ...rest].join(', '))
  return `<li><code>${escaped(name)}</code> ${said}</li>`
}

const section = ({ route, description, parameters }: Route) =>
  `<h3><code>${escaped(route)}</code></h3><p>${escaped(description)}</p><ul>${parameters.map(item).join('')}</ul>`

const html = (routes: readonly Route[]): PlainResponse => ({
  status: 200,
  headers: { 'content-type': 'text/html;charset=utf-8' },
  body: `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>OpenVNet API</title></head><body>${routes.map(section).join('\n')}</body></html>`,
})

const formats: Readonly<Record<string, 'html' | Representation>> = {
  html: 'html',
  json: 'json',
  yaml: 'yaml',
  yml: 'yaml',
}

/** All operations with their parameters. The format is what is asked for by name, else the suffix's, else HTML. */
export function browse(app: BuiltApp, asked: unknown, suffix: Representation | undefined): PlainResponse {
  const format = asked === undefined ? (suffix ?? 'html') : formats[String(asked)]
  if (format === undefined)
    throw new ApiError('ArgumentError', `format: must be one of ${Object.keys(formats).join(', ')}`)
  const routes = routesOf(app)
  return format === 'html' ? html(routes) : represent(200, JSON.stringify(routes), format)
}
