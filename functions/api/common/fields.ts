/** Fields that many answers have. */
import { answer } from 'openvnet'
import { type ModelTable, models } from './models.ts'

const { always0, alwaysNull, count, from, id, list, nullable, time, uuid } = answer

/** The uuid of an object of a table. */
export const uuidField = (table: ModelTable, about: string) => uuid(models[table].prefix, about)

/** What an object is known by. */
export const identity = (table: ModelTable) => ({
  id: id('its number, which nothing else of its kind gets'),
  uuid: uuidField(table, 'its name in the API'),
})

export const since = {
  created_at: time('when it was made'),
  updated_at: time('when it was changed last'),
}

/** Deleted rows are gone, so no answer has any; clients still look at the two fields. */
export const times = {
  ...since,
  deleted_at: alwaysNull('nothing that is answered is deleted'),
  is_deleted: always0('nothing that is answered is deleted'),
}

interface Ending {
  readonly id: number
  /** It ended with this very request, at this time. */
  readonly ended_at?: number
}

/** Of what may end with the request that is answered: the one answer that shows a deleted row. */
export const timesOfEnding = {
  ...since,
  deleted_at: from(nullable(time('when it ended, if that was by this very request')), (row: Ending) =>
    row.ended_at === undefined ? null : row.ended_at,
  ),
  is_deleted: from(count('its id if it ended by this very request, else 0'), (row: Ending) =>
    row.ended_at === undefined ? 0 : row.id,
  ),
}

/** What is answered when objects of a table are deleted. */
export const removed = (table: ModelTable) => list(uuidField(table, 'the uuid of what is deleted'))
