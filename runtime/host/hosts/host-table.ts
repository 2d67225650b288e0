/** The table `hosts` in statements: what this host says of itself, and what the others say. All times are the database's. */
import type { SqlParameter, SqlRow } from '../../../db/libsql.ts'

/** A statement each; `execute` may write. Both throw what the store throws. */
export interface HostDatabase {
  query(sql: string, parameters?: readonly SqlParameter[]): Promise<readonly SqlRow[]>
  execute(sql: string, parameters?: readonly SqlParameter[]): Promise<readonly SqlRow[]>
}

export interface HostReport {
  /** null: it serves the datapaths of every node. */
  readonly nodeId: string | null
  /** The version of the flow functions that it runs. */
  readonly flowsVersion: number
  /** Of each datapath that is connected to it, by id, the last revision that was acknowledged; -1: none yet. */
  readonly applied: ReadonlyMap<number, number>
}

export interface OtherHost extends HostReport {
  readonly id: string
}

const now = `CAST(unixepoch('subsec') * 1000 AS INTEGER)`

const upsert = `
INSERT INTO hosts (id, node_id, flows_version, applied, seen_at) VALUES (?1, ?2, ?3, ?4, ${now})
ON CONFLICT (id) DO UPDATE SET flows_version = ?3, applied = ?4, seen_at = ${now}`

export class HostTable {
  /** Of this host, in this life of it. */
  readonly id: string
  readonly #database: HostDatabase

  constructor(database: HostDatabase, id: string) {
    this.#database = database
    this.id = id
  }

  async write({ nodeId, flowsVersion, applied }: HostReport): Promise<void> {
    const text = JSON.stringify(Object.fromEntries(applied))
    await this.#database.execute(upsert, [this.id, nodeId, flowsVersion, text])
  }

  /** The other hosts that were heard of within `silentMs`. */
  async others(silentMs: number): Promise<OtherHost[]> {
    const rows = await this.#database.query(
      `SELECT id, node_id, flows_version, applied FROM hosts WHERE id <> ? AND seen_at > ${now} - ? ORDER BY id`,
      [this.id, Math.round(silentMs)],
    )
    return rows.map(([id, nodeId, flowsVersion, applied]) => ({
      id: String(id),
      nodeId: nodeId === null ? null : String(nodeId),
      flowsVersion: Number(flowsVersion),
      applied: new Map(
        Object.entries(JSON.parse(String(applied))).map(([datapathId, revision]) => [
          Number(datapathId),
          Number(revision),
        ]),
      ),
    }))
  }

  /** The last revision of the state. */
  async revision(): Promise<number> {
    const [row] = await this.#database.query(`SELECT seq FROM sqlite_sequence WHERE name = 'changes'`)
    return Number(row?.[0] ?? 0)
  }

  /** How many hosts live, and for how long one of the others says that it waits; 0 or less: none does. */
  async awaited(silentMs: number): Promise<{ readonly hosts: number; readonly forMs: number }> {
    const [row] = await this.#database.query(
      `SELECT count(*), coalesce(max(CASE WHEN id <> ?1 THEN awaits_until END) - ${now}, 0)
       FROM hosts WHERE seen_at > ${now} - ?2`,
      [this.id, Math.round(silentMs)],
    )
    return { hosts: Number(row?.[0] ?? 0), forMs: Number(row?.[1] ?? 0) }
  }

  /** Says that this host waits. */
  async await(forMs: number): Promise<void> {
    await this.#database.execute(`UPDATE hosts SET awaits_until = ${now} + ? WHERE id = ?`, [forMs, this.id])
  }

  /** Takes this host's row away. */
  async remove(): Promise<void> {
    await this.#database.execute('DELETE FROM hosts WHERE id = ?', [this.id])
  }

  /** Takes the rows of hosts away that have been silent for this long. */
  async forget(silentMs: number): Promise<void> {
    await this.#database.execute(`DELETE FROM hosts WHERE seen_at < ${now} - ?`, [silentMs])
  }
}
