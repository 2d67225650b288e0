/** Jobs that share a transaction: each held against its guard, then all of them as statements. */
import { bindable, SqlError } from '../libsql.ts'
import { migrations } from '../migrations.ts'
import type { State, TableName, Write } from '../state/types.ts'
import type { Backend, GroupOutcome, Place, Statement } from './backend.ts'
import { explain } from './constraint.ts'
import type { Mirror } from './mirror.ts'
import type { CommitResult, Job, Reply } from './protocol.ts'
import { type Resolved, type Sequences, statementsOf, withIds } from './statements.ts'
import { addWriteKeys } from './write-keys.ts'

export interface Waiting {
  readonly id: number
  readonly job: Job
}

export interface Planned {
  readonly id: number
  readonly resolved: Resolved
}

export interface Group {
  readonly planned: readonly Planned[]
  /** Answers of jobs that will not be tried; to be given after what the others changed. */
  readonly replies: readonly Reply[]
}

/** Holds every job's reads against what changed since, and against the writes of the jobs before it in the group. */
export function planGroup(waiting: readonly Waiting[], mirror: Mirror, sequences: Sequences): Group {
  const planned: Planned[] = []
  const replies: Reply[] = []
  const written = new Set<string>()
  for (const [at, { id, job }] of waiting.entries()) {
    const { reads, revision } = job
    if (mirror.changedSince(revision, reads) || reads.some((key) => written.has(key))) {
      replies.push({ id, result: { ok: false, kind: 'conflict' } })
      continue
    }
    try {
      refuseWrongValues(job.writes)
      const resolved = withIds(job.writes, sequences)
      planned.push({ id, resolved })
      if (at < waiting.length - 1) addWriteKeys(() => mirror.view, resolved.writes, written)
    } catch (error) {
      replies.push({
        id,
        result: explainRefusal(new SqlError(String(error), 'SQLITE_MISMATCH'), job.writes, mirror.view),
      })
    }
  }
  return { planned, replies }
}

function refuseWrongValues(writes: readonly Write[]): void {
  for (const write of writes)
    if (write.op !== 'delete') for (const name in write.row) bindable(write.row[name]!)
}

/** All jobs as one first: few and large statements. If that is refused, each by itself, so that only the wrong one fails. */
export async function commitPlanned(
  backend: Backend,
  planned: readonly Planned[],
  place: Place,
): Promise<GroupOutcome> {
  if (planned.length === 0) return { kind: 'done', errors: [], rows: [] }
  const commit = (jobs: readonly (readonly Statement[])[]) => backend.commit(jobs, place, migrations.length)
  const together = await commit([
    statementsOf(
      planned.flatMap(({ resolved }) => resolved.writes),
      backend.insertStyle,
    ),
  ])
  if (together.kind === 'stale' || planned.length === 1 || together.errors[0] === undefined) return together
  return commit(planned.map(({ resolved }) => statementsOf(resolved.writes, backend.insertStyle)))
}

/** The database's refusal in the words of the schema. */
export function explainRefusal(error: SqlError, writes: readonly Write[], state: State): CommitResult {
  const rows = (table: TableName) => state[table] as unknown as { one(index: string, id: number): unknown }
  return explain(
    error,
    writes,
    (table, id) => state[table].get(id) !== undefined,
    (table, index, id) => rows(table).one(index, id) !== undefined,
  )
}
