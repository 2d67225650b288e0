/** What a client asks for at `GET /events`. */

import { tableNames } from '../../../db/state/keys.ts'
import { sqlName } from '../../../db/state/relations.ts'
import { argumentError } from '../../http/errors.ts'
import { eventLimits } from './limits.ts'
import { type NoticeFilter, noticeKinds } from './notice.ts'

export interface EventRequest {
  /** The last revision that the client has; undefined: it wants what comes from now on. */
  readonly since: number | undefined
  /** So many of what has happened, the newest, and nothing of what comes; undefined: what comes. */
  readonly last: number | undefined
  readonly filter: NoticeFilter
}

const wordsMax = 100
const resourceNames: readonly string[] = tableNames.map(sqlName)

/** Words with commas between them. */
function wordsOf(query: URLSearchParams, name: string, isWord: (word: string) => boolean, expected: string) {
  const given = query.get(name)
  if (given === null || given === '') return undefined
  const words = given.split(',').map((word) => word.trim())
  if (words.length > wordsMax) throw argumentError(`${name}: ${words.length} words, at most ${wordsMax}`)
  const wrong = words.find((word) => !isWord(word))
  if (wrong !== undefined) throw argumentError(`${name}: must be ${expected}, not ${JSON.stringify(wrong)}`)
  return new Set(words)
}

function revisionOf(given: string | null | undefined, name: string): number | undefined {
  if (given === null || given === undefined || given === '') return undefined
  const revision = Number(given)
  if (/^\d{1,16}$/.test(given) && Number.isSafeInteger(revision)) return revision
  throw argumentError(`${name}: must be a revision, a whole number, not ${JSON.stringify(given)}`)
}

function lastOf(given: string | null): number | undefined {
  if (given === null || given === '') return undefined
  const last = Number(given)
  if (/^\d{1,6}$/.test(given) && last >= 1 && last <= eventLimits.lastMax) return last
  throw argumentError(`last: must be 1 to ${eventLimits.lastMax}, not ${JSON.stringify(given)}`)
}

const isUuid = (word: string) => /^[a-z]+-\w+$/.test(word)
const isDatapath = (word: string) => /^dp-\w+$/.test(word)

/** The header of a client that comes back counts before the query, which it sends as it did at first. Throws ApiError. */
export function eventRequestOf(query: URLSearchParams, lastEventId: string | undefined): EventRequest {
  const resource = wordsOf(
    query,
    'resource',
    (word) => resourceNames.includes(word),
    `some of ${resourceNames.join(', ')}`,
  )
  const kind = wordsOf(
    query,
    'kind',
    (word) => (noticeKinds as readonly string[]).includes(word),
    `some of ${noticeKinds.join(', ')}`,
  )
  const uuid = wordsOf(query, 'uuid', isUuid, 'uuids like if-a, with commas')
  const datapath = wordsOf(query, 'datapath', isDatapath, 'uuids of datapaths like dp-a, with commas')
  return {
    since: revisionOf(lastEventId, 'Last-Event-ID') ?? revisionOf(query.get('since'), 'since'),
    last: lastOf(query.get('last')),
    filter: {
      ...(resource === undefined ? {} : { resource }),
      ...(kind === undefined ? {} : { kind }),
      ...(uuid === undefined ? {} : { uuid }),
      ...(datapath === undefined ? {} : { datapath }),
    },
  }
}
