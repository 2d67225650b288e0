/** Whether a database can be written: one that is locked, or whose disk is full, can be read all the same. */
import type { Statement } from './backend.ts'

/** More than a usual transaction needs. */
const probeBytes = 256 * 1024

const unprobe: Statement = { sql: `DELETE FROM feed_replaced WHERE table_name = ''` }
/** Transactions that change nothing that anybody reads. What one both wrote and took back would never reach the disk. */
export const probe: readonly (readonly Statement[])[] = [
  [
    unprobe,
    { sql: `INSERT INTO feed_replaced (table_name, row_id, before) VALUES ('', 0, zeroblob(${probeBytes}))` },
  ],
  [unprobe],
]
