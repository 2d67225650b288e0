/** Alarms as the event stream tells them, and as rows of the state. */
import type { Change, Row } from '../../../db/state/types.ts'
import type { LogFields } from '../../log.ts'
import type { Notice, NoticeFields } from './notice.ts'

export interface Alarm {
  readonly name: string
  readonly message: string
  readonly fields?: LogFields
  /** Uuids of what it concerns, the one that it is about first. */
  readonly about?: readonly string[]
}

/** A row that there is to be; its id and times come with the draft. */
export type AlarmRow = Pick<Row<'alarms'>, 'name' | 'message' | 'fields' | 'about' | 'raised_at'>

/** Longest JSON of an alarm's fields, in characters: one that says more is kept without them. */
const fieldsCharactersMax = 4_096

const toldFields = (fields: LogFields): NoticeFields =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? null]))

/** @param revision null: it is told by the host that raised it, as it happens */
export const alarmNotice = (
  { name, message, fields = {}, about = [] }: Alarm,
  revision: number | null,
): Notice => ({
  kind: 'alarm',
  revision,
  resource: null,
  uuid: about[0] ?? null,
  fields: { name, message, ...toldFields(fields) },
  about,
})

export function rowOfAlarm({ name, message, fields = {}, about = [] }: Alarm, raised_at: number): AlarmRow {
  const text = JSON.stringify(toldFields(fields))
  const kept = text.length > fieldsCharactersMax ? '{}' : text
  return { name, message, fields: kept, about: about.join(' '), raised_at }
}

/** What a change of the table of alarms tells: a new one does, its end is nobody's business. */
export function alarmOfChange({ before, after, revision }: Change): Notice | undefined {
  if (before !== null || after === null) return undefined
  const row = after as unknown as Row<'alarms'>
  const { name, message, node_id } = row
  const fields: NoticeFields = {
    ...JSON.parse(row.fields),
    ...(node_id === null ? {} : { node_id }),
    raised_at: new Date(row.raised_at).toISOString(),
  }
  const about = row.about === '' ? [] : row.about.split(' ')
  return alarmNotice({ name, message, fields, about }, revision)
}
