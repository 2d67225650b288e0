/** Values of a description against those of the API: by what they mean, not by how they are written. */
import * as v from 'valibot'
import { baseTypeOf, coerce } from '../../../runtime/http/coerce.ts'

export type Value = string | number | boolean
export type Item = Readonly<Record<string, unknown>>

export const isValue = (value: unknown): value is Value =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

type Meaning =
  | { readonly ok: true; readonly meaning: string }
  | { readonly ok: false; readonly problem: string }

/** What the API makes of a value of a parameter. */
export function meaningOf(schema: v.GenericSchema, value: unknown): Meaning {
  const given = coerce(baseTypeOf(schema), value)
  const result = v.safeParse(schema, given, { abortEarly: true })
  if (!result.success)
    return { ok: false, problem: `${result.issues[0].message}, not ${JSON.stringify(value)}` }
  const { output } = result
  return { ok: true, meaning: JSON.stringify(typeof output === 'string' ? output.trim() : (output ?? null)) }
}

/** `10.0.0.0/24` says the prefix too, which the API may answer by itself; and the prefix of a single address need not be said. */
function likeWritten(name: string, written: Value, item: Item, current: Value): Value {
  const isPrefixed = String(written).includes('/')
  if (!isPrefixed && name.endsWith('_address')) return String(current).replace(/\/(32|128)$/, '')
  const prefix = item[name.replace(/network$/, 'prefix')]
  const isSaid = name.endsWith('_network') && isPrefixed && !String(current).includes('/')
  return isSaid && isValue(prefix) ? `${current}/${prefix}` : current
}

/** Whether the field of an object is as it is described. */
export function isSame(
  schema: v.GenericSchema,
  name: string,
  written: Value,
  item: Item,
  current: Value | null,
): boolean {
  if (current === null) return written === ''
  const wanted = meaningOf(schema, written)
  const has = meaningOf(schema, likeWritten(name, written, item, current))
  return wanted.ok && has.ok ? wanted.meaning === has.meaning : String(written) === String(current)
}
