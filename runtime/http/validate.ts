/** Raw parameters of a request → what the operation declares, or an error that names the parameter. */
import * as v from 'valibot'
import { baseTypeOf, coerce } from './coerce.ts'
import type { Entries, InputOf, Operation } from './declare.ts'
import { ApiError, argumentError } from './errors.ts'

type Raw = Readonly<Record<string, unknown>>
interface Checker {
  readonly keys: Check
  readonly parameters: Check
}
type Check = (raw: Raw) => Record<string, unknown>

/** Why OpenVNet refused a value, by what the schema found. */
const reasons: Readonly<Record<string, string>> = {
  picklist: 'in',
  min_value: 'in',
  max_value: 'in',
  regex: 'format',
}

/** OpenVNet's words for it: the `inspect` of a Ruby hash. */
const rubyRefusal = (name: string, value: unknown, reason: string) =>
  `{:error=>"parameter validation failed", :parameter=>:${name}, :value=>${JSON.stringify(value)}, :reason=>:${reason}}`

const kindOf = (value: unknown) =>
  Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : 'no'

function refusal(name: string, schema: v.GenericSchema, issue: v.BaseIssue<unknown>, raw: Raw): ApiError {
  const value = raw[name]
  if (value === undefined || value === null) return new ApiError('MissingArgument', name)
  const { model } = v.getMetadata(schema) as { model?: string }
  if (model !== undefined && typeof value !== 'object')
    return new ApiError('InvalidUUID', `${model}#${name}: ${value}`)
  if (issue.type === 'raw_transform') return argumentError(issue.message)
  const reason = reasons[issue.type]
  if (reason !== undefined && typeof value !== 'object')
    return argumentError(rubyRefusal(name, issue.input, reason))
  if (issue.type === 'number')
    return argumentError(`${name}: must be an integer, not ${JSON.stringify(value)}`)
  if (typeof value === 'object') return argumentError(`${name}: must be one value, not ${kindOf(value)}`)
  return argumentError(`${name}: ${issue.message}`)
}

const innermost = (schema: v.GenericSchema): v.GenericSchema => {
  const { wrapped } = schema as { wrapped?: v.GenericSchema }
  return wrapped === undefined ? schema : innermost(wrapped)
}

function checkerOf(entries: Entries): Check {
  const schema = v.object({ ...entries })
  const types = Object.entries(entries).map(([name, entry]) => [name, baseTypeOf(entry)] as const)
  return (raw) => {
    const given: Record<string, unknown> = {}
    for (const [name, type] of types) {
      const value = coerce(type, Object.hasOwn(raw, name) ? raw[name] : undefined)
      if (value !== undefined) given[name] = value
    }
    const result = v.safeParse(schema, given, { abortEarly: true })
    if (result.success) return result.output
    const [issue] = result.issues
    const name = String(issue.path?.[0]?.key)
    throw refusal(name, innermost(entries[name] as v.GenericSchema), issue, raw)
  }
}

const checkers = new WeakMap<Operation, Checker>()

/** Checks parameters one after the other, in the order of their declaration; the first wrong one decides. What is not declared is dropped. */
export function validate<O extends Operation>(operation: O, keys: Raw, parameters: Raw): InputOf<O> {
  let checker = checkers.get(operation)
  if (checker === undefined) {
    checker = { keys: checkerOf(operation.keys), parameters: checkerOf(operation.parameters) }
    checkers.set(operation, checker)
  }
  return { ...checker.parameters(parameters), ...checker.keys(keys) } as InputOf<O>
}
