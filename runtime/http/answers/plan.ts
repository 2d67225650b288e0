/** What a batch would change: the answer to `POST /batch?dry_run=true`. */
import { list, nullable } from './field.ts'
import { fieldValue } from './rows.ts'
import { type Answer, shape } from './shape.ts'
import { count, flag, oneOf, text, uuid } from './values.ts'

const plannedField = shape('PlannedField', 'A field that would have another value.', {
  name: text('as in the API; what refers to an object ends in _uuid'),
  before: fieldValue('as it is; null: nothing'),
  after: fieldValue('as it would be; null: nothing'),
})

const plannedRow = shape('PlannedRow', 'A row of the state that would change.', {
  change: oneOf(['created', 'changed', 'deleted'], 'what would happen to it'),
  resource: text('what it is a row of: networks, ip_leases, datapath_networks, …'),
  uuid: nullable(text('its uuid; null: rows of this kind have none')),
  fields: list(plannedField),
})

const plannedDatapath = shape('PlannedDatapath', 'What would change on a datapath.', {
  uuid: uuid('dp', 'its uuid'),
  added: list(
    text('a flow, meter, group or port that it would have, in the names of tables, fields and objects'),
  ),
  removed: list(text('one that it has and would not have any more')),
  added_count: count('how many would be added; the list has the first thousand'),
  removed_count: count('how many would be removed; the list has the first thousand'),
  problems: list(text('what its flows could not be computed for, or why they were not')),
  complete: flag('all of its flows were computed; else there was too much to do, or the state kept changing'),
})

export const plan = shape('Plan', 'What a batch would change. Nothing is written.', {
  revision: count('the revision of the state that this follows from'),
  rows: list(plannedRow),
  datapaths: list(plannedDatapath),
})
export type Plan = Answer<typeof plan>
export type PlannedRow = Answer<typeof plannedRow>
export type PlannedDatapath = Answer<typeof plannedDatapath>
