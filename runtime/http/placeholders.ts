/** Ids in answers that were not known before the commit. */
import { firstPlaceholder } from '../../db/state/types.ts'

/** Of a key in JSON. Within a text every quote has a backslash before it, so no text can look like this. */
const inJson = /(?<=\w":)-\d{13,}/g
/** Of a key in our YAML, a line of its own. No text has a line break in it, and one that begins so is quoted. */
const inYaml = /(?<=^ *(?:- )*:[a-z_]+: )-\d{13,}$/gm

/** Puts the ids that the store gave in the place of a draft's placeholders, in a body of JSON or YAML. */
export function replacePlaceholders(body: string, ids: Readonly<Record<string, number>>): string {
  return body.replace(body.startsWith('---') ? inYaml : inJson, (found) =>
    Number(found) > firstPlaceholder ? found : String(ids[found] ?? found),
  )
}
