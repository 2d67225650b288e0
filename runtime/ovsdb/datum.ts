/** Values of OVSDB columns and their JSON: atoms, optional atoms, sets and maps (RFC 7047, 5.1). */
import type { Problem } from '../problem.ts'

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
export type Uuid = string

/** What a server sent is not what RFC 7047 allows. Thrown while decoding and caught where messages enter: it never leaves this folder. */
export class Malformed extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.what)
    this.problem = problem
  }
}

/** How values of a column become JSON and come back. `decode` throws `Malformed`. */
export interface ColumnType<T> {
  readonly decode: (json: unknown) => T
  readonly encode: (value: T) => Json
}

type Atom = string | number | boolean

const receivedLengthMax = 80
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const isUuid = (text: unknown): text is Uuid => typeof text === 'string' && uuidPattern.test(text)

export const malformed = (where: string, expected: string, value: unknown): Malformed =>
  new Malformed({ what: 'malformed OVSDB data', where, expected, received: excerpt(value) })

const excerpt = (value: unknown) => (JSON.stringify(value) ?? String(value)).slice(0, receivedLengthMax)

export const string: ColumnType<string> = {
  decode(json) {
    if (typeof json !== 'string') throw malformed('string', 'a string', json)
    return json
  },
  encode: (value) => value,
}

export const integer: ColumnType<number> = {
  decode(json) {
    if (!Number.isSafeInteger(json)) throw malformed('integer', 'an integer', json)
    return json as number
  },
  encode: (value) => value,
}

/** A row's uuid; when encoding, anything that is no uuid is the `uuid-name` of a row that the same transaction inserts. */
export const uuid: ColumnType<Uuid> = {
  decode(json) {
    if (!Array.isArray(json) || json.length !== 2 || json[0] !== 'uuid' || !isUuid(json[1]))
      throw malformed('uuid', '["uuid", …]', json)
    return json[1]
  },
  encode: (value) => [isUuid(value) ? 'uuid' : 'named-uuid', value],
}

/** A set. One that has a single member may come as that member alone. */
export function setOf<T extends Atom>(member: ColumnType<T>): ColumnType<readonly T[]> {
  return {
    decode(json) {
      if (!Array.isArray(json) || json[0] !== 'set') return [member.decode(json)]
      if (json.length !== 2 || !Array.isArray(json[1])) throw malformed('set', '["set", […]]', json)
      return json[1].map(member.decode)
    },
    encode: (values) => ['set', values.map(member.encode)],
  }
}

/** A set of at most one member: the member, or null. */
export function optional<T extends Atom>(member: ColumnType<T>): ColumnType<T | null> {
  const members = setOf(member)
  return {
    decode(json) {
      const values = members.decode(json)
      if (values.length > 1) throw malformed('set', 'at most one member', json)
      return values[0] ?? null
    },
    encode: (value) => members.encode(value === null ? [] : [value]),
  }
}

export type StringMap = ReadonlyMap<string, string>

/** A map of text to text, as `other_config`, `options` and `external_ids` are. */
export const stringMap: ColumnType<StringMap> = {
  decode(json) {
    if (!Array.isArray(json) || json.length !== 2 || json[0] !== 'map' || !Array.isArray(json[1]))
      throw malformed('map', '["map", […]]', json)
    return new Map(json[1].map(pair))
  },
  encode: (value) => ['map', [...value]],
}

function pair(json: unknown): [string, string] {
  if (!Array.isArray(json) || json.length !== 2) throw malformed('map', 'pairs', json)
  return [string.decode(json[0]), string.decode(json[1])]
}

/** About how many bytes a value holds: to bound what a server can make us keep. */
export function weigh(value: unknown): number {
  const overhead = 32
  if (typeof value === 'string') return overhead + value.length
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + weigh(each), overhead)
  if (value instanceof Map) {
    let sum = overhead
    for (const [key, each] of value) sum += weigh(key) + weigh(each)
    return sum
  }
  return overhead
}
