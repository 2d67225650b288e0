/** `vnctl … del --dry-run`: what would go along, and nothing is deleted. */
import type { Plan, PlannedRow } from '../../runtime/http/answers/plan.ts'
import { datapathsText } from './apply/show.ts'
import { refusalOf, send, targetOf } from './client.ts'
import type { Streams } from './command.ts'
import type { ApiRequest } from './requests.ts'
import type { Settings } from './settings.ts'

const signs = { created: '+', changed: '~', deleted: '-' } as const

/** What has no uuid is told by what it relates. */
const nameOf = ({ uuid, fields }: PlannedRow): string =>
  uuid ??
  fields
    .filter(({ name }) => name.endsWith('_uuid'))
    .map(({ name, before, after }) => `${name}=${before ?? after ?? '-'}`)
    .join(' ')

/** One line a row, and how many there are. */
export function rowsText(rows: readonly PlannedRow[]): string {
  const lines = rows.map((row) => `${signs[row.change]} ${row.resource} ${nameOf(row)}`.trimEnd())
  const count = (change: PlannedRow['change']) => rows.filter((row) => row.change === change).length
  return `${[...lines, `${count('deleted')} to delete, ${count('changed')} to change`].join('\n')}\n`
}

/** Returns the exit status. Throws `RequestError` where the requests would be refused. */
export async function showDeletion(
  requests: readonly ApiRequest[],
  settings: Settings,
  streams: Streams,
): Promise<number> {
  const items = requests.map(({ method, path, parameters }) => ({ method, path, body: parameters }))
  const target = targetOf(settings, '/batch', { dry_run: 'true' })
  const answer = await send(settings, { method: 'POST', target, body: JSON.stringify(items) })
  if (answer.status >= 400) throw refusalOf(answer, settings)
  const plan = answer.json as Plan
  streams.out(
    settings.output === 'json'
      ? `${JSON.stringify(plan, null, 2)}\n`
      : `${rowsText(plan.rows)}${datapathsText(plan, false)}`,
  )
  return 0
}
