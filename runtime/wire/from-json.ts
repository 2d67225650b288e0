import { writeIpv4, writeIpv6, writeMac } from './addresses.ts'
import { Malformed } from './failure.ts'
import type { Codes } from './names.ts'
import { nestingDepthMax } from './nesting.ts'
import type { Optional, Shape, Struct, Union } from './node.ts'
import { fromHex, textBytes } from './text.ts'
import { namesIn, variantFor } from './variants.ts'

/** Builds a value from its JSON form, or from a value. Stops with `Malformed` at the first part that is wrong. */
export function fromJson(node: Shape, json: unknown, at: string, depth = 0): unknown {
  switch (node.kind) {
    case 'int':
      return node.size > 4 ? bigintOf(json, at, node.size * 8) : numberOf(json, at, node.size * 8)
    case 'mac':
    case 'ipv4':
    case 'ipv6':
      return addressOf(json, at, node.kind)
    case 'bytes':
      return bytesOf(json, at, node.size)
    case 'rest':
      return bytesOf(json, at)
    case 'text':
      return textOf(json, at, node.size)
    case 'enum':
      return codeOf(json, at, node.codes, node.size * 8)
    case 'flags':
      return arrayOf(json, at).map((flag, i) => codeOf(flag, `${at}[${i}]`, node.bits, node.size * 8))
    case 'bits':
      return partsOf(node.parts, json, at)
    case 'struct':
      return structOf(node, json, at, depth)
    case 'list':
      return arrayOf(json, at).map((element, i) => fromJson(node.element, element, `${at}[${i}]`, depth))
    case 'union':
      return structOf(variantOf(node, json, at), json, at, depth)
    case 'lazy':
      if (depth >= nestingDepthMax)
        refuse(at, 'nested too deeply', `at most ${nestingDepthMax} levels`, 'more')
      return fromJson(node.get(), json, at, depth + 1)
    case 'frame':
      return fromJson(node.body, json, at, depth)
    case 'native':
      return node.fromJson(json, at)
    default:
      throw new Error(`${node.kind} has no value`)
  }
}

/** Numbers may be text, decimal or hexadecimal. */
const numeric = /^(0x[0-9a-fA-F]+|\d+)$/

export function refuse(where: string, what: string, expected: string, received: unknown): never {
  throw new Malformed({
    what,
    where,
    expected,
    received: typeof received === 'string' ? received : show(received),
  })
}

/** What was received, short enough for a message. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return `${value.length} bytes`
  const text = typeof value === 'object' ? safeJson(value) : JSON.stringify(value)
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text
}
const shownCharactersMax = 60
const safeJson = (value: unknown) =>
  JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part)) ?? String(value)

export function numberOf(json: unknown, at: string, width: number): number {
  const value = typeof json === 'string' && numeric.test(json) ? Number(json) : json
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** width) return value
  return refuse(at, 'not a number of this size', `0 to ${2 ** width - 1}`, show(json))
}

function bigintOf(json: unknown, at: string, width: number): bigint {
  let value: unknown = json
  if (typeof json === 'string' && numeric.test(json)) value = BigInt(json)
  if (typeof json === 'number' && Number.isSafeInteger(json)) value = BigInt(json)
  if (typeof value === 'bigint' && value >= 0n && value < 1n << BigInt(width)) return value
  return refuse(at, 'not a number of this size', `0x… text of at most ${width} bits`, show(json))
}

export function bytesOf(json: unknown, at: string, size?: number): Uint8Array {
  const value = typeof json === 'string' ? fromHex(json) : json
  if (!(value instanceof Uint8Array)) refuse(at, 'not bytes', 'hexadecimal text', show(json))
  if (size !== undefined && value.length !== size)
    refuse(at, 'wrong number of bytes', `${size} bytes`, `${value.length} bytes`)
  return value
}

const writers = { mac: writeMac, ipv4: writeIpv4, ipv6: writeIpv6 }
const examples = { mac: '00:53:00:00:00:01', ipv4: '192.0.2.1', ipv6: '2001:db8::1' }
const scratch = new Uint8Array(16)

export function addressOf(json: unknown, at: string, kind: keyof typeof writers): string {
  try {
    if (typeof json === 'string') {
      writers[kind](scratch, 0, json)
      return json
    }
  } catch {
    // Told below, with the path.
  }
  return refuse(
    at,
    `not ${kind === 'mac' ? 'a MAC' : kind === 'ipv4' ? 'an IPv4' : 'an IPv6'} address`,
    examples[kind],
    show(json),
  )
}

function textOf(json: unknown, at: string, size: number): string {
  if (typeof json !== 'string') return refuse(at, 'not text', 'text', show(json))
  if (json.includes('\0') || textBytes(json).length > size)
    refuse(at, 'text does not fit', `at most ${size} bytes without NUL`, show(json))
  return json
}

export function codeOf(json: unknown, at: string, codes: Codes, width: number): string | number {
  if (typeof json === 'string') {
    if (codes.byName.has(json)) return json
    if (!numeric.test(json)) refuse(at, 'unknown name', listOf([...codes.byName.keys()]), show(json))
  }
  return numberOf(json, at, width)
}

function listOf(names: readonly string[]): string {
  const more = names.length > namesShownMax ? ', …' : ''
  return `a number or one of ${names.slice(0, namesShownMax).join(', ')}${more}`
}
const namesShownMax = 12

export function arrayOf(json: unknown, at: string): readonly unknown[] {
  // A copy has no holes.
  return Array.isArray(json) ? Array.from(json) : refuse(at, 'not a list', 'a list', show(json))
}

export function objectOf(json: unknown, at: string): Readonly<Record<string, unknown>> {
  const plain =
    typeof json === 'object' && json !== null && !Array.isArray(json) && !(json instanceof Uint8Array)
  return plain ? (json as Record<string, unknown>) : refuse(at, 'not an object', 'an object', show(json))
}

function partsOf(
  parts: Readonly<Record<string, readonly [number, number, number?]>>,
  json: unknown,
  at: string,
) {
  const object = objectOf(json, at)
  const value: Record<string, number> = {}
  for (const [name, [, width, plus = 0]] of Object.entries(parts)) {
    const part = numberOf(object[name], `${at}.${name}`, 32)
    if (part < plus || part >= 2 ** width + plus)
      refuse(`${at}.${name}`, 'not a number of this size', `${plus} to ${2 ** width + plus - 1}`, show(part))
    value[name] = part
  }
  refuseOthers(object, Object.keys(parts), at)
  return value
}

export function refuseOthers(
  object: Readonly<Record<string, unknown>>,
  known: readonly string[],
  at: string,
): void {
  for (const name of Object.keys(object))
    if (!known.includes(name))
      refuse(at === '' ? name : `${at}.${name}`, 'unknown field', known.join(', '), show(object[name]))
}

/** Kinds of fields that are on the wire but not in the value. */
const unseen: ReadonlySet<string> = new Set(['pad', 'align', 'length', 'count', 'presence'])

/** A field that a flag announces is there if and only if the flag is. */
function checkPresence(
  node: Optional,
  object: Readonly<Record<string, unknown>>,
  name: string,
  where: string,
): void {
  const { when } = node
  if (when === undefined) return
  const announced = Array.isArray(object[when.field]) && (object[when.field] as unknown[]).includes(when.flag)
  if (announced !== (object[name] !== undefined))
    refuse(
      where,
      announced ? 'missing' : 'not announced',
      `${when.flag} in ${when.field} and ${name}, or neither`,
      show(object[name]),
    )
}

function structOf(node: Struct, json: unknown, at: string, depth: number): Record<string, unknown> {
  const object = objectOf(json, at)
  const value: Record<string, unknown> = {}
  const known: string[] = []
  const rawNames = ['trailing', 'padding']
  for (const [name, field] of Object.entries(node.fields)) {
    const where = at === '' ? name : `${at}.${name}`
    if (['pad', 'align', 'text', 'frame', 'presence'].includes(field.kind)) rawNames.push(name)
    if (unseen.has(field.kind)) continue
    if (field.kind === 'constant' && field.shown === undefined) continue
    known.push(name)
    if (field.kind === 'optional') {
      checkPresence(field, object, name, where)
      if (object[name] !== undefined) value[name] = fromJson(field.node, object[name], where, depth)
    } else if (field.kind !== 'constant') value[name] = fromJson(field, object[name], where, depth)
    else if (object[name] === field.shown) value[name] = field.shown
    else refuse(where, 'wrong value', show(field.shown), show(object[name]))
  }
  if (object['raw'] !== undefined) {
    const raw = objectOf(object['raw'], `${at}.raw`)
    refuseOthers(raw, rawNames, `${at}.raw`)
    value['raw'] = Object.fromEntries(
      Object.entries(raw).map(([name, kept]) => [name, bytesOf(kept, `${at}.raw.${name}`)]),
    )
  }
  refuseOthers(object, [...known, 'raw'], at)
  return value
}

function variantOf(node: Union, json: unknown, at: string): Struct {
  const object = objectOf(json, at)
  const variant = variantFor(node, object)
  for (const [name, names] of namesIn(node)) {
    const value = object[name]
    const loose = variant !== undefined && variant.fields[name]?.kind !== 'int'
    if (loose || typeof value !== 'string' || numeric.test(value)) continue
    refuse(at === '' ? name : `${at}.${name}`, 'unknown name', listOf(names), show(value))
  }
  return variant ?? refuse(at, `no such ${node.name}`, 'a known type', show(object['type']))
}
