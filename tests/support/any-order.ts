/** Requests in orders that nobody planned: each after all that it names, and otherwise by chance. */
import type { Pick } from './random-pick.ts'

export interface Posting {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

const uuidForm = /\b[a-z]+-[a-z0-9]+\b/g

/** What a request makes, and what has to be there before. */
function namesIn({ path, body }: Posting) {
  const made = typeof body['uuid'] === 'string' ? body['uuid'] : undefined
  const values = Object.entries(body).flatMap(([key, value]) => (key.endsWith('_uuid') ? `${value}` : []))
  return { made, needed: [...(path.match(uuidForm) ?? []), ...values] }
}

/** The requests in another order that can be carried out. */
export function shuffled(requests: readonly Posting[], pick: Pick): Posting[] {
  const left = requests.map((request) => ({ request, ...namesIn(request) }))
  const there = new Set<string>()
  const done: Posting[] = []
  while (left.length > 0) {
    const ready = left.filter(({ needed }) => needed.every((name) => there.has(name)))
    const next = ready[pick(ready.length)]
    if (next === undefined) throw new Error(`nothing makes what ${left[0]!.request.path} needs`)
    left.splice(left.indexOf(next), 1)
    if (next.made !== undefined) there.add(next.made)
    done.push(next.request)
  }
  return done
}

/** The paths of what the requests make, the last first. */
export const made = (requests: readonly Posting[]): string[] =>
  requests
    .flatMap(({ path, body }) => (typeof body['uuid'] === 'string' ? [`${path}/${body['uuid']}`] : []))
    .toReversed()
