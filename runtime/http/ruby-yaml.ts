/** YAML as OpenVNet writes it: Ruby's Psych with symbols for keys (`:uuid: nw-a`), and times as timestamps. */

type Scalar = string | number | boolean | null
export type Json = Scalar | readonly Json[] | { readonly [key: string]: Json }

/** What every YAML takes for this very text, unquoted. MAC addresses are not: YAML 1.1 has numbers to base 60. */
const plain = /^[A-Za-z_][A-Za-z0-9_./-]*$|^\d{1,3}(?:\.\d{1,3}){3}$/
const reserved = /^(?:true|false|yes|no|on|off|y|n|null|nil|nan|inf)$/i
const time = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) UTC$/
const controls = /[\p{Cc}\p{Zl}\p{Zp}]/u

function scalar(value: Scalar, key: string): string {
  if (value === null) return ''
  if (typeof value !== 'string') return String(value)
  const moment = key.endsWith('_at') ? time.exec(value) : null
  if (moment !== null) return `${moment[1]}.000000000 Z`
  if (plain.test(value) && !reserved.test(value)) return value
  return controls.test(value) ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`
}

const isScalar = (value: Json): value is Scalar => typeof value !== 'object' || value === null
const emptyText = (value: Json) => (Array.isArray(value) ? '[]' : '{}')
const isEmpty = (value: object) => Object.keys(value).length === 0

/** `key:` with its value after it or below it; a list in a map is not indented, as Psych has it. */
function entry(name: string, key: string, value: Json, indent: string): string {
  if (isScalar(value)) {
    const written = scalar(value, key)
    return written === '' ? `${name}:\n` : `${name}: ${written}\n`
  }
  if (isEmpty(value)) return `${name}: ${emptyText(value)}\n`
  return `${name}:\n${block(value, Array.isArray(value) ? indent : `${indent}  `)}`
}

/** The lines of a list or map, each after the indent. */
function block(value: Json, indent: string, keyOf = (key: string) => `:${key}`): string {
  if (Array.isArray(value))
    return value
      .map((item: Json) => {
        if (isScalar(item)) return `${indent}- ${scalar(item, '')}\n`
        if (isEmpty(item)) return `${indent}- ${emptyText(item)}\n`
        return `${indent}- ${block(item, `${indent}  `).slice(indent.length + 2)}`
      })
      .join('')
  return Object.entries(value as { readonly [key: string]: Json })
    .map(([key, inner]) => `${indent}${entry(keyOf(key), key, inner, indent)}`)
    .join('')
}

/** Counts of a resource's own list have text keys there, and symbols in every other list. */
const plainEnvelope = new Set(['total_count', 'offset', 'limit'])

/** A JSON value as a YAML document; `topList`: the envelope of a resource's own list. */
export function toRubyYaml(value: Json, topList = false): string {
  if (isScalar(value)) return `--- ${scalar(value, '')}\n`
  if (isEmpty(value)) return `--- ${emptyText(value)}\n`
  const keyOf = topList ? (key: string) => (plainEnvelope.has(key) ? key : `:${key}`) : undefined
  return `---\n${block(value, '', keyOf)}`
}
