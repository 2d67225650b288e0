/** From a match by field names to the codec's list: prerequisites added, registers put together, in one order. */
import type { Masked } from './declare.ts'
import { type HeaderName, headerFields, headerValue, isHeader, prerequisitesOf } from './fields.ts'
import type { Match, MatchField } from './flow.ts'
import { placed, type Registers } from './registers.ts'

const rank = new Map(Object.keys(headerFields).map((name, position) => [name, position]))
const whole_register = 0xffff_ffff

export type AnyMatch = Readonly<Record<string, number | string | Masked | undefined>>

function headerMatch(name: HeaderName, value: number | Masked): MatchField {
  if (typeof value === 'number') return { field: name, value: headerValue(name, value) }
  return { field: name, value: headerValue(name, value.value), mask: headerValue(name, value.mask) }
}

/** Registers that fields share are matched as one, since a field appears once in a match. */
function registerMatches(registers: Registers, match: AnyMatch): MatchField[] {
  const words = new Map<number, { value: number; mask: number }>()
  for (const [name, given] of Object.entries(match)) {
    const field = registers[name]
    if (field === undefined || given === undefined || typeof given === 'object') continue
    const word = words.get(field.bits[0]) ?? { value: 0, mask: 0 }
    const { value, mask } = placed(name, field, given)
    words.set(field.bits[0], { value: word.value + value, mask: word.mask + mask })
  }
  return [...words]
    .sort(([a], [b]) => a - b)
    .map(([register, { value, mask }]) =>
      mask === whole_register ? { field: `reg${register}`, value } : { field: `reg${register}`, value, mask },
    )
}

/** Registers first, then the packet's fields from the outside in. Throws a RangeError for a value that does not fit. */
export function compileMatch(registers: Registers, match: AnyMatch): Match {
  const headers = new Map<HeaderName, number | Masked>()
  for (const [name, value] of Object.entries(match)) {
    if (!isHeader(name) || value === undefined || typeof value === 'string') continue
    headers.set(name, value)
    for (const [needed, exact] of Object.entries(prerequisitesOf(name)))
      if (match[needed] === undefined) headers.set(needed as HeaderName, exact)
  }
  const sorted = [...headers].sort(([a], [b]) => rank.get(a)! - rank.get(b)!)
  return [...registerMatches(registers, match), ...sorted.map(([name, value]) => headerMatch(name, value))]
}
