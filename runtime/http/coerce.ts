/** From what clients send (all text in queries and forms, any JSON in bodies) to the types that schemas ask for. */
import type * as v from 'valibot'

export type BaseType = 'text' | 'integer' | 'boolean'
type Wrapped = { readonly wrapped?: v.GenericSchema; readonly pipe?: readonly v.GenericSchema[] }

/** The type that a schema asks for, under its optionals and pipes. */
export function baseTypeOf(schema: v.GenericSchema): BaseType {
  const { wrapped, pipe } = schema as Wrapped
  if (wrapped !== undefined) return baseTypeOf(wrapped)
  if (pipe?.[0] !== undefined && pipe[0] !== schema)
    return baseTypeOf({ ...pipe[0], pipe: undefined } as never)
  return schema.type === 'number' ? 'integer' : schema.type === 'boolean' ? 'boolean' : 'text'
}

const integerPattern = /^[+-]?(0x[0-9a-f]+|0b[01]+|0o?[0-7]+|0|[1-9][0-9]*)$/i

/** As Ruby's `Integer()` reads it: `0x10` and `010` (octal) too. NaN where it is none. */
function toInteger(value: unknown): number {
  if (typeof value === 'number') return value
  const digits = String(value)
    .trim()
    .replaceAll(/(?<=\d)_(?=\d)/g, '')
  if (!integerPattern.test(digits)) return Number.NaN
  const negative = digits.startsWith('-')
  const magnitude = digits.replace(/^[+-]/, '').replace(/^0(?=[0-7])/, '0o')
  return negative ? -Number(magnitude) : Number(magnitude)
}

/** What is no boolean counts as not given. */
function toBoolean(value: unknown): boolean | undefined {
  const word = String(value)
  if (/^(y|yes|t|true|1)$/i.test(word)) return true
  return /^(n|no|f|false|0)$/i.test(word) ? false : undefined
}

/** The value as the schema's type; lists and objects stay, for the schema to refuse; null counts as not given. */
export function coerce(type: BaseType, value: unknown): unknown {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'object') return value
  if (type === 'integer') return toInteger(value)
  return type === 'boolean' ? toBoolean(value) : String(value)
}
