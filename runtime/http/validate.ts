/** Raw parameters of a request → what the operation declares, or an error that names the parameter. */
import * as v from 'valibot'
import { baseTypeOf, coerce } from './coerce.ts'
import type { Entries, InputOf, Operation } from './declare.ts'
import { ApiError, argumentError, invalidUuid } from './errors.ts'

type Raw = Readonly<Record<string, unknown>>
interface Checker {
  readonly keys: Check
  readonly parameters: Check
}
type Check = (raw: Raw) => Record<string, unknown>

const kindOf = (value: object) => (Array.isArray(value) ? 'a list' : 'an object')

/** What was received, in messages: that much of it. */
const quotedLengthMax = 100
const quoted = (value: unknown) => {
  const text = JSON.stringify(value)
  return text.length > quotedLengthMax ? `${text.slice(0, quotedLengthMax)}…` : text
}

function refusal(name: string, schema: v.GenericSchema, issue: v.BaseIssue<unknown>, raw: Raw): ApiError {
  const value = raw[name]
  if (value === undefined || value === null) return new ApiError('MissingArgument', name)
  if (typeof value === 'object') return argumentError(`${name}: must be one value, not ${kindOf(value)}`)
  const { model, prefix = '' } = v.getMetadata(schema) as { model?: string; prefix?: string }
  if (model !== undefined) return invalidUuid(model, name, prefix, String(value))
  // What is no number at all is not worth telling as NaN.
  const received = issue.type === 'number' ? value : issue.input
  return argumentError(`${name}: ${issue.message}, not ${quoted(received)}`)
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
