/** What a batch would change: rows, and what follows from them on the datapaths. */
import { type Overlay, overlayOf } from '../../../db/state/overlay.ts'
import type { Change } from '../../../db/state/types.ts'
import type { Job } from '../../../db/store/protocol.ts'
import type { Plan, PlannedRow } from '../../http/answers/plan.ts'
import { describeChange, type UuidOf } from '../events/describe-change.ts'
import { uuidIn } from '../events/event-hub.ts'
import type { Notice } from '../events/notice.ts'
import type { NetworkState } from '../network-state.ts'
import { foreseeDatapaths, notForeseen, StateHasChanged } from './foresee.ts'
import { planLimits } from './limits.ts'

const changeWords = { port_appeared: 'created', port_gone: 'deleted' } as const

function fieldsOf({ kind, fields, before }: Notice): PlannedRow['fields'] {
  const isGone = kind === 'deleted' || kind === 'port_gone'
  return Object.entries(fields).map(([name, value]) =>
    isGone ? { name, before: value, after: null } : { name, before: before?.[name] ?? null, after: value },
  )
}

function rowOf(change: Change, uuidOf: UuidOf): PlannedRow | undefined {
  const notice = describeChange(change, uuidOf)
  if (notice === undefined) return undefined
  const { kind, resource, uuid } = notice
  const word =
    kind in changeWords ? changeWords[kind as keyof typeof changeWords] : (kind as PlannedRow['change'])
  return { change: word, resource: resource!, uuid, fields: fieldsOf(notice) }
}

type PlannedState = Pick<NetworkState, 'view' | 'engine' | 'names'>

const overlayOn = ({ view }: PlannedState, { writes }: Job): Overlay | undefined => {
  try {
    return overlayOf(view, writes, Date.now())
  } catch {
    // A row that is gone by now: the request runs again on what there is.
    return undefined
  }
}

function rowsOf({ view }: PlannedState, { state, changes }: Overlay): PlannedRow[] {
  const uuidOf: UuidOf = (table, id) => uuidIn(state, table, id) ?? uuidIn(view, table, id) ?? null
  return changes.flatMap((change) => rowOf(change, uuidOf) ?? [])
}

/** The plan as JSON text; undefined: the state has changed meanwhile, and the request is to run again. */
export async function planOf(state: PlannedState, job: Job): Promise<string | undefined> {
  const deadlineMs = performance.now() + planLimits.timeMs
  const { engine, view } = state
  for (let attempt = 1; ; attempt++) {
    const overlay = overlayOn(state, job)
    if (overlay === undefined) return undefined
    const { revision } = view
    const names = [state.names(), state.names(overlay.state)] as const
    const rows = rowsOf(state, overlay)
    const answer = (datapaths: Plan['datapaths']) =>
      JSON.stringify({ revision, rows, datapaths } satisfies Plan)
    try {
      return answer(await foreseeDatapaths({ engine, view, overlay, names, deadlineMs }))
    } catch (error) {
      if (!(error instanceof StateHasChanged)) throw error
      if (attempt >= planLimits.attemptsMax)
        return answer(
          [...view.datapaths.all()].map(({ uuid }) => notForeseen(uuid, 'the state keeps changing')),
        )
    }
  }
}
