/** Ids in answers that were not known before the commit. */
import { firstPlaceholder } from '../../db/state/types.ts'

/** Quoted text is passed over, in JSON and in YAML: a client may have named something like a placeholder. */
const quotedOrNumber = /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|-\d{13,}/g

/** Puts the ids that the store gave in the place of a draft's placeholders, in a body of JSON or YAML. */
export function replacePlaceholders(body: string, ids: Readonly<Record<string, number>>): string {
  if (!body.includes('-1000')) return body
  return body.replace(quotedOrNumber, (found) => {
    if (!found.startsWith('-') || Number(found) > firstPlaceholder) return found
    return String(ids[found] ?? found)
  })
}
