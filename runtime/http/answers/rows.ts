/** Rows of the state as they are, in the words of the API: the answer to `GET /rows/:resource`. */
import * as v from 'valibot'
import { type Field, list, nullable } from './field.ts'
import { type Answer, shape } from './shape.ts'
import { count, text } from './values.ts'

export type FieldValue = string | number | boolean | null

/** Any value of a field. */
export const fieldValue = (about: string): Field<FieldValue, FieldValue> => ({
  schema: v.pipe(v.union([v.string(), v.number(), v.boolean(), v.null()]), v.description(about)),
  show: (given) => given,
})

const rowField = shape('RowField', 'A field of a row that has a value.', {
  name: text('as in the API; what refers to an object ends in _uuid'),
  value: fieldValue('its value'),
})

const stateRow = shape('StateRow', 'A row of the state.', {
  uuid: nullable(text('its uuid; null: rows of this kind have none')),
  fields: list(rowField),
})

export const rows = shape(
  'Rows',
  'Rows of the state: also those that are no objects of the API, but relations between them.',
  {
    revision: count('the revision that they are at'),
    total_count: count('how many there are'),
    offset: count('how many were left out before'),
    limit: count('how many are answered at most'),
    names: list(text('a field that rows of this kind may have')),
    items: list(stateRow),
  },
)
export type Rows = Answer<typeof rows>
