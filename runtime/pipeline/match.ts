/** From a match by field names to the codec's list: prerequisites added, registers put together, in one order. */
import type { Masked } from './declare.ts'
import { type HeaderName, headerFields, headerValue, prerequisitesOf } from './fields.ts'
import type { Match, MatchField } from './flow.ts'
import { placed, placedBits, type RegisterField, type Registers } from './registers.ts'

const wholeRegister = 0xffff_ffff
const firstHeaderRank = 100

type AnyMasked = Masked<number> | Masked<string>
export type AnyMatch = Readonly<Record<string, number | string | AnyMasked | undefined>>

/** What there is to know about a field, found once: flows are made by the thousand. */
interface HeaderPlan {
  readonly kind: 'header'
  readonly rank: number
  readonly name: HeaderName
  readonly needs: readonly { readonly plan: HeaderPlan; readonly value: number }[]
}
interface RegisterPlan {
  readonly kind: 'register'
  readonly rank: number
  readonly name: string
  readonly field: RegisterField
  readonly registerName: string
}
export type FieldPlans = Readonly<Record<string, HeaderPlan | RegisterPlan>>

function planHeaders(): Record<string, HeaderPlan> {
  const plans: Record<string, HeaderPlan> = {}
  // A prerequisite is declared before the fields that need it.
  for (const [position, name] of (Object.keys(headerFields) as HeaderName[]).entries()) {
    const needs = Object.entries(prerequisitesOf(name)).map(([other, value]) => ({
      plan: plans[other]!,
      value,
    }))
    plans[name] = { kind: 'header', rank: firstHeaderRank + position, name, needs }
  }
  return plans
}

/** Every field of a pipeline. */
export function planFields(registers: Registers): FieldPlans {
  const plans: Record<string, HeaderPlan | RegisterPlan> = planHeaders()
  for (const [name, field] of Object.entries(registers)) {
    const rank = field.bits[0]
    plans[name] = { kind: 'register', rank, name, field, registerName: `reg${rank}` }
  }
  return plans
}

/** A field on its way into a match. */
type Entry = HeaderEntry | RegisterEntry
interface HeaderEntry {
  readonly plan: HeaderPlan
  readonly value: number | string
  readonly mask: number | string | undefined
}
interface RegisterEntry {
  readonly plan: RegisterPlan
  value: number
  mask: number
}

const isOfRegister = (entry: Entry): entry is RegisterEntry => entry.plan.kind === 'register'

function indexOfRank(entries: readonly Entry[], rank: number): number {
  for (let i = 0; i < entries.length; i++) if (entries[i]!.plan.rank === rank) return i
  return -1
}

/** Keeps the order of ranks; matches are short. */
function insert(entries: Entry[], entry: Entry): void {
  let place = entries.length
  while (place > 0 && entries[place - 1]!.plan.rank > entry.plan.rank) place--
  entries.splice(place, 0, entry)
}

/** Registers that fields share are matched as one, since a field appears once in a match. */
function addRegister(entries: Entry[], plan: RegisterPlan, given: number | string | Masked<number>): void {
  const { value, mask } =
    typeof given === 'object'
      ? placedBits(plan.name, plan.field, given)
      : placed(plan.name, plan.field, given)
  const known = indexOfRank(entries, plan.rank)
  if (known < 0) insert(entries, { plan, value, mask })
  else {
    // Of this rank there are registers only.
    const entry = entries[known] as RegisterEntry
    entry.value += value
    entry.mask += mask
  }
}

/** With what Open vSwitch demands beside the field, unless the match says so itself or another field has brought it. */
function addHeader(
  entries: Entry[],
  match: AnyMatch,
  plan: HeaderPlan,
  given: number | string | AnyMasked,
): void {
  if (typeof given !== 'object') insert(entries, { plan, value: given, mask: undefined })
  else insert(entries, { plan, value: given.value, mask: given.mask })
  for (const { plan: needed, value } of plan.needs)
    if (match[needed.name] === undefined && indexOfRank(entries, needed.rank) < 0)
      insert(entries, { plan: needed, value, mask: undefined })
}

function compileEntry(entry: Entry): MatchField {
  if (isOfRegister(entry)) {
    const { plan, value, mask } = entry
    const head = { field: plan.registerName, value }
    return mask === wholeRegister ? head : { ...head, mask }
  }
  const { plan, value, mask } = entry
  const { name } = plan
  if (mask === undefined) return { field: name, value: headerValue(name, value) }
  return { field: name, value: headerValue(name, value), mask: headerValue(name, mask) }
}

/** Registers first, then the packet's fields from the outside in. Throws a RangeError for a value that does not fit. */
export function compileMatch(plans: FieldPlans, match: AnyMatch): Match {
  const entries: Entry[] = []
  for (const name in match) {
    const given = match[name]
    if (given === undefined) continue
    const plan = plans[name]
    // Left out, it would make the flow match more than it says.
    if (plan === undefined) throw new RangeError(`no field ${name}`)
    if (plan.kind === 'header') addHeader(entries, match, plan, given)
    else addRegister(entries, plan, given as number | string | Masked<number>)
  }
  return entries.map(compileEntry)
}
