/** From a match by field names to the codec's list: prerequisites added, registers put together, in one order. */
import type { Masked } from './declare.ts'
import { type HeaderName, headerFields, headerValue, isHeader, prerequisitesOf } from './fields.ts'
import type { Match, MatchField } from './flow.ts'
import { placed, type RegisterField, type Registers } from './registers.ts'

const whole_register = 0xffff_ffff
const first_header_rank = 100
const headerRank = new Map(
  Object.keys(headerFields).map((name, position) => [name, first_header_rank + position]),
)

export type AnyMatch = Readonly<Record<string, number | string | Masked | undefined>>

/** A field on its way into a match. Thousands of these are made at a time: plain arrays, no maps. */
interface Ranked {
  readonly rank: number
  value: number
  mask: number | undefined
  readonly name: HeaderName | undefined
}

/** Registers that fields share are matched as one, since a field appears once in a match. */
function addRegister(fields: Ranked[], name: string, field: RegisterField, given: number | string): void {
  const rank = field.bits[0]
  const { value, mask } = placed(name, field, given)
  const word = fields.find((other) => other.rank === rank)
  if (word === undefined) fields.push({ rank, value, mask, name: undefined })
  else {
    word.value += value
    word.mask! += mask
  }
}

function addHeader(fields: Ranked[], name: HeaderName, given: number | Masked): void {
  const exact = typeof given === 'number'
  fields.push({
    rank: headerRank.get(name)!,
    value: exact ? given : given.value,
    mask: exact ? undefined : given.mask,
    name,
  })
}

/** What Open vSwitch demands beside a field, unless the match says so itself or another field has brought it. */
function addPrerequisites(fields: Ranked[], match: AnyMatch, name: HeaderName): void {
  const needs = prerequisitesOf(name)
  for (const needed in needs) {
    const header = needed as HeaderName
    if (match[header] === undefined && !fields.some((other) => other.name === header))
      addHeader(fields, header, needs[header]!)
  }
}

function compileField({ rank, value, mask, name }: Ranked): MatchField {
  if (name === undefined)
    return mask === whole_register
      ? { field: `reg${rank}`, value }
      : { field: `reg${rank}`, value, mask: mask! }
  if (mask === undefined) return { field: name, value: headerValue(name, value) }
  return { field: name, value: headerValue(name, value), mask: headerValue(name, mask) }
}

/** Registers first, then the packet's fields from the outside in. Throws a RangeError for a value that does not fit. */
export function compileMatch(registers: Registers, match: AnyMatch): Match {
  const fields: Ranked[] = []
  for (const name in match) {
    const given = match[name]
    if (given === undefined) continue
    const register = registers[name]
    if (register !== undefined && typeof given !== 'object') addRegister(fields, name, register, given)
    else if (isHeader(name) && typeof given !== 'string') {
      addHeader(fields, name, given)
      addPrerequisites(fields, match, name)
    }
  }
  fields.sort((a, b) => a.rank - b.rank)
  return fields.map(compileField)
}
