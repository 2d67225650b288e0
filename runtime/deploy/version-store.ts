import type { SqlParameter, SqlRow } from '../../db/libsql.ts'
import { digestOf } from './bundle.ts'
import type { StoredVersion } from './load-version.ts'

/** What is published: a function's name, and its bundle. */
export interface NewVersion {
  readonly name: string
  readonly digest: string
  readonly bundle: string
}

/** The statements that versions need of a store; `execute` may write. */
export interface VersionDatabase {
  query(sql: string, parameters?: readonly SqlParameter[]): Promise<readonly SqlRow[]>
  execute(sql: string, parameters?: readonly SqlParameter[]): Promise<readonly SqlRow[]>
}

/** A number can be taken by another host at the same moment: the statement is tried again. */
const attemptsMax = 5

const insert = `
INSERT INTO function_versions (name, version, digest, bundle, created_at)
SELECT ?1, coalesce((SELECT max(version) FROM function_versions WHERE name = ?1), 0) + 1, ?2, ?3, ?4
WHERE NOT EXISTS (SELECT 1 FROM function_versions WHERE name = ?1 AND digest = ?2)`

/**
 * Versions of functions in the database: immutable, numbered for each function, never numbered twice. The same content
 * is the same version, however often it is published.
 */
export class VersionStore {
  readonly #database: VersionDatabase

  constructor(database: VersionDatabase) {
    this.#database = database
  }

  /** Stores what is new. Answers all, as stored, in the order given. Throws what the store throws. */
  async publish(versions: readonly NewVersion[], now: number): Promise<StoredVersion[]> {
    const known = await this.#numbers(versions)
    const stored: StoredVersion[] = []
    for (const version of versions) {
      const number = known.get(`${version.name} ${version.digest}`) ?? (await this.#insert(version, now))
      stored.push({ ...version, version: number })
    }
    return stored
  }

  /** A version's row, or undefined; also where its content is not what its digest says. */
  async find(name: string, version: number): Promise<StoredVersion | undefined> {
    const [row] = await this.#database.query(
      'SELECT digest, bundle FROM function_versions WHERE name = ? AND version = ?',
      [name, version],
    )
    if (row === undefined) return undefined
    const [digest, bundle] = row as unknown as [string, string]
    return digestOf(bundle) === digest ? { name, version, digest, bundle } : undefined
  }

  async #numbers(versions: readonly NewVersion[]): Promise<Map<string, number>> {
    const rows = await this.#database.query(
      `SELECT name, digest, version FROM function_versions WHERE digest IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(versions.map(({ digest }) => digest))],
    )
    return new Map(
      (rows as unknown as [string, string, number][]).map(([name, digest, version]) => [
        `${name} ${digest}`,
        version,
      ]),
    )
  }

  async #insert({ name, digest, bundle }: NewVersion, now: number): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#database.execute(insert, [name, digest, bundle, now])
      } catch (error) {
        if (attempt === attemptsMax) throw error
        continue
      }
      const [row] = await this.#database.query(
        'SELECT version FROM function_versions WHERE name = ? AND digest = ?',
        [name, digest],
      )
      if (row !== undefined) return Number(row[0])
    }
  }
}
