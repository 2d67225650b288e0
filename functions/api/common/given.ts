import type { DraftTable, Row, TableName } from 'openvnet'

type Changes<T extends TableName> = Parameters<DraftTable<T>['update']>[1]
type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** Changes what a client gave, and leaves what it left out; nothing is written where nothing is given. */
export function updateGiven<T extends TableName>(
  table: DraftTable<T>,
  row: Row<T> & { readonly id: number },
  values: Loose<Changes<T>>,
): Row<T> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return given.length === 0 ? row : table.update(row.id, Object.fromEntries(given) as Changes<T>)
}
