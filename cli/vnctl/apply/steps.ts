/** What is to be done, one request each, and in which order. */
import type { Value } from './values.ts'

export interface FieldChange {
  readonly name: string
  /** Undefined: there was none. */
  readonly before?: Value | null
  readonly after: Value
}

export interface Step {
  readonly does: 'create' | 'change' | 'delete'
  readonly method: 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body: Readonly<Record<string, Value>>
  /** `networks nw-a`, `datapaths dp-a networks nw-a`. */
  readonly what: string
  readonly fields: readonly FieldChange[]
  /** The uuid of the object that it makes or deletes. */
  readonly uuid?: string
  /** Uuids that what it deletes refers to. */
  readonly refersTo?: readonly string[]
}

/** Whatever is written like a uuid, wherever it stands: rules of security groups name groups, too. */
const uuidsIn = (text: string): string[] => text.match(/\b[a-z]+-[a-z0-9_]+/g) ?? []

/** The uuids that a step needs to be there. */
const needsOf = ({ path, body, uuid }: Step): Set<string> => {
  const named = new Set([...uuidsIn(path), ...Object.values(body).flatMap((value) => uuidsIn(String(value)))])
  if (uuid !== undefined) named.delete(uuid)
  return named
}

/** Each after those that it waits for; what waits in a circle keeps its order. */
function sorted(steps: readonly Step[], waitsFor: (step: Step) => Iterable<Step>): Step[] {
  const done = new Set<Step>()
  const visit = (step: Step): Step[] => {
    if (done.has(step)) return []
    done.add(step)
    return [...[...waitsFor(step)].flatMap(visit), step]
  }
  return steps.flatMap(visit)
}

/** Deletions first, of what refers to others before those; then what is made or changed, after what it names. */
export function inOrder(steps: readonly Step[]): Step[] {
  const deletions = steps.filter(({ does }) => does === 'delete')
  const others = steps.filter(({ does }) => does !== 'delete')
  const referring = new Map<string, Step[]>()
  for (const step of deletions)
    for (const uuid of step.refersTo ?? []) referring.set(uuid, [...(referring.get(uuid) ?? []), step])
  const makers = new Map(
    others.flatMap((step) => (step.uuid === undefined ? [] : [[step.uuid, step] as const])),
  )
  return [
    ...sorted(deletions, ({ uuid }) => (uuid === undefined ? [] : (referring.get(uuid) ?? []))),
    ...sorted(others, (step) => [...needsOf(step)].flatMap((uuid) => makers.get(uuid) ?? [])),
  ]
}
