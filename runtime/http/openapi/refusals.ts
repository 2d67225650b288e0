/** What operations may refuse: which errors, and so which statuses. */
import type { JsonSchema } from '@valibot/to-json-schema'
import * as v from 'valibot'
import type { Operation } from '../declare.ts'
import { type ErrorClass, errorClasses, errorName } from '../errors.ts'
import { isRequired } from './parameters.ts'
import { json, refTo } from './schemas.ts'

/** Of every request. */
export const everywhere: readonly ErrorClass[] = [
  'Unauthorized',
  'Forbidden',
  'RequestTooLarge',
  'Unavailable',
]
/** Of every request that has parameters. */
const ofParameters: readonly ErrorClass[] = ['ArgumentError', 'UnsupportedMediaType']

const innermost = (schema: v.GenericSchema): v.GenericSchema => {
  const { wrapped } = schema as { wrapped?: v.GenericSchema }
  return wrapped === undefined ? schema : innermost(wrapped)
}

/** What follows from a key or parameter. */
function ofEntry(entry: v.GenericSchema): readonly ErrorClass[] {
  const { model, existing } = v.getMetadata(innermost(entry)) as { model?: string; existing?: boolean }
  if (model === undefined) return []
  return ['InvalidUUID', existing === true ? 'UnknownUUIDResource' : 'DuplicateUUID']
}

/** All errors of an operation. */
export function refusalsOf({ keys, parameters, refusals }: Operation): readonly ErrorClass[] {
  const entries = Object.values(parameters)
  const missing = entries.some(isRequired) ? (['MissingArgument'] as const) : []
  const ofEntries = [...Object.values(keys), ...entries].flatMap(ofEntry)
  return [...new Set([...ofEntries, ...missing, ...refusals, ...ofParameters, ...everywhere])]
}

const message = { type: 'string', description: 'what is wrong, for people' } as const
const closed = { required: ['error', 'message', 'code'], additionalProperties: false }
const names = Object.keys(errorClasses) as ErrorClass[]

const errorSchema = (one: ErrorClass): JsonSchema => {
  const { code, about } = errorClasses[one]
  const properties = { error: { const: errorName(one) }, message, code: { const: code } }
  return { description: about, type: 'object', properties, ...closed }
}
/** The schemas of errors, by class. */
export const errorSchemas = Object.fromEntries(names.map((one) => [one, errorSchema(one)]))

const codes = [...new Set(names.map((one) => errorClasses[one].code))]
/** Any error, and which item of a batch it was. */
export const batchRefusal: JsonSchema = {
  description: 'Why a batch was refused, and by which of its items.',
  type: 'object',
  properties: {
    error: { enum: names.map(errorName), description: 'its class' },
    message,
    code: { enum: codes, description: 'that of its class' },
    index: { type: 'integer', minimum: 0, description: 'of the item that failed, where it was one' },
  },
  ...closed,
}

const retryAfter = { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }
const responseOf = (classes: readonly ErrorClass[], schema: JsonSchema) => ({
  description: classes.map((one) => `${one}: ${errorClasses[one].about}.`).join(' '),
  ...(classes.includes('Unavailable') ? { headers: retryAfter } : {}),
  content: json(schema),
})
/** The responses of errors, by class. */
export const errorResponses = Object.fromEntries(names.map((one) => [one, responseOf([one], refTo(one))]))

function byStatus<T>(classes: readonly ErrorClass[], response: (classes: readonly ErrorClass[]) => T) {
  const groups = Object.groupBy(classes, (one) => String(errorClasses[one].status))
  return Object.fromEntries(Object.entries(groups).map(([status, some = []]) => [status, response(some)]))
}

/** The responses of errors, by status. */
export const refusalResponses = (classes: readonly ErrorClass[]) =>
  byStatus(classes, (some) =>
    some.length === 1
      ? { $ref: `#/components/responses/${some[0]}` }
      : responseOf(some, { anyOf: some.map(refTo) }),
  )

/** The same of a batch, which may give any. */
export const batchRefusals = byStatus(names, (some) => responseOf(some, refTo('BatchRefusal')))
