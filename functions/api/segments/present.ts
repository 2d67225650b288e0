import type { Row } from 'openvnet'
import { times } from '../common/present.ts'

/** A segment as the API answers it. */
export const presentSegment = (row: Row<'segments'>) => ({
  id: row.id,
  uuid: row.uuid,
  mode: row.mode,
  ...times(row),
})
