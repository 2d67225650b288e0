/** Brings a database to the schema of this code, one migration after the other, each whole or not at all. */
import { failure, type Problem, type Result, success } from '../runtime/problem.ts'
import { feedTriggers, isFeedTrigger, type Trigger } from './feed/triggers.ts'
import { SqlError } from './libsql.ts'
import { type Migration, migrations } from './migrations.ts'
import { quoteName, splitMigration } from './sql-text.ts'
import type { Statement, Transacting } from './store/backend.ts'
import { refuseWhen } from './store/position.ts'

const createBook = `CREATE TABLE IF NOT EXISTS schema_migrations (
  number INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`

const digestOf = (migration: Migration) => new Bun.CryptoHasher('sha256').update(migration.sql).digest('hex')

/**
 * Applies the migrations that the database lacks and makes the feed's triggers anew where they differ from the schema's.
 * Refuses a database that has migrations which this code does not know, or others under the same number.
 */
export async function migrate(
  database: Transacting,
  list: readonly Migration[] = migrations,
  triggers: readonly Trigger[] = feedTriggers(),
): Promise<Result<{ applied: number }>> {
  // Another host may migrate the same server at the same moment. Whoever loses looks again: there is less to do each time.
  for (;;) {
    const applied = await readBook(database)
    const problem = compare(applied, list)
    if (problem !== undefined) return failure(problem)
    try {
      await applyAll(database, list, applied.length, triggers)
      return success({ applied: list.length - applied.length })
    } catch (error) {
      if (!(error instanceof SqlError)) throw error
      const now = await readBook(database)
      if (now.length === applied.length) return failure(failed(error, list[now.length]))
    }
  }
}

async function readBook(database: Transacting): Promise<{ name: string; digest: string }[]> {
  const [found] = await database.rows({
    sql: `SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migrations'`,
  })
  if (found![0] === 0) await database.transaction([{ sql: createBook }])
  const rows = await database.rows({ sql: 'SELECT name, digest FROM schema_migrations ORDER BY number' })
  return rows.map(([name, digest]) => ({ name: name as string, digest: digest as string }))
}

function compare(
  applied: readonly { name: string; digest: string }[],
  list: readonly Migration[],
): Problem | undefined {
  for (const [at, { name, digest }] of applied.entries()) {
    const ours = list[at]
    if (ours === undefined) {
      return {
        what: 'the database is newer than this program',
        where: `migration ${name}`,
        expected: `${list.length} migrations at most`,
        received: `${applied.length}`,
        hint: 'Run the version of vnet that made it, or a later one.',
      }
    }
    if (ours.name !== name || digestOf(ours) !== digest) {
      return {
        what: 'the database was made by a different line of this program',
        where: `migration ${at}`,
        expected: ours.name,
        received: ours.name === name ? `${name} with other contents` : name,
        hint: 'Use another database, or the version of vnet that made this one.',
      }
    }
  }
  return undefined
}

async function applyAll(
  database: Transacting,
  list: readonly Migration[],
  done: number,
  triggers: readonly Trigger[],
): Promise<void> {
  for (const [at, migration] of list.entries()) {
    if (at < done) continue
    const last = at === list.length - 1
    const statements: Statement[] = [
      refuseWhen('(SELECT count(*) FROM schema_migrations) <> ?', at),
      ...(await dropTriggers(database)),
      ...splitMigration(migration.sql).map((sql) => ({ sql })),
      ...(last ? triggers.map(({ sql }) => ({ sql })) : []),
      {
        sql: 'INSERT INTO schema_migrations VALUES (?, ?, ?, ?)',
        parameters: [at, migration.name, digestOf(migration), Date.now()],
      },
      refuseWhen('EXISTS (SELECT 1 FROM pragma_foreign_key_check)'),
    ]
    await database.transaction(statements, { foreignKeys: 'off' })
  }
  await renewTriggers(database, triggers)
}

const feedTriggersIn = async (database: Transacting) =>
  (await database.rows({ sql: `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name` }))
    .map(([name, sql]) => ({ name: name as string, sql: sql as string }))
    .filter(({ name }) => isFeedTrigger(name))

const dropTriggers = async (database: Transacting): Promise<Statement[]> =>
  (await feedTriggersIn(database)).map(({ name }) => ({ sql: `DROP TRIGGER IF EXISTS ${quoteName(name)}` }))

/** The triggers follow the schema of this code, also where no migration changed it. */
async function renewTriggers(database: Transacting, wanted: readonly Trigger[]): Promise<void> {
  const text = (triggers: readonly { name: string; sql: string }[]) =>
    triggers
      .map(({ name, sql }) => `${name} ${sql}`)
      .sort()
      .join('\n')
  if (text(await feedTriggersIn(database)) === text(wanted)) return
  await database.transaction([...(await dropTriggers(database)), ...wanted.map(({ sql }) => ({ sql }))])
}

const failed = (error: SqlError, migration: Migration | undefined): Problem => ({
  what: `the database could not be migrated: ${error.message}`,
  where: migration === undefined ? 'the triggers of the change feed' : `migration ${migration.name}`,
  received: error.code,
  hint: 'Nothing of this step was kept. See that its rows obey the schema, or restore a backup.',
})
