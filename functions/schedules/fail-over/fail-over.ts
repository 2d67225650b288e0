/**
 * Fail-over of what one datapath serves of several that could. The next one serves when the one before is certainly
 * silent: its switch has acknowledged that it serves no more, or has not been connected to any host for so long that what
 * hosts have said to it has ended by itself.
 */
import { type AlarmEffect, type Draft, type ScheduleEnvironment, schedule } from 'openvnet'
import { type Fence, fenceMs, linkedOf } from '../../state/fence.ts'
import { type Kind, type Place, routers, vlans } from './kinds.ts'

const everyMs = 500
/** Rows that something is to be done about in one run, of all kinds together; what is left is done by the next ones. */
const rowsMax = 200

/** What is known of the datapath of a row. */
interface Report {
  /** It has acknowledged flows of a revision that has all of the row. */
  readonly acknowledged: boolean
  /** For how long it has not been connected, in ms. */
  readonly silentMs: number
}

function reportOf({ switches }: ScheduleEnvironment, row: Fence): Report {
  const applied = row.datapath_id === null ? undefined : switches.applied.get(row.datapath_id)
  const isKnown = row.known_revision !== null
  return {
    acknowledged: row.acknowledged || (isKnown && applied !== undefined && applied >= row.known_revision!),
    // One that is deleted is silent since then, or longer.
    silentMs: row.datapath_id === null ? switches.undeletedMs : (switches.silentMs.get(row.datapath_id) ?? 0),
  }
}

/** Whether nothing of the row's datapath serves any more, of one that is to serve no longer. */
function isSilent(row: Fence, isServed: boolean, { acknowledged, silentMs }: Report): boolean {
  const isOver = silentMs >= fenceMs
  // Who deletes a datapath says that it is gone.
  if (row.datapath_id === null) return isOver
  // Its flows may be those before, where it has not acknowledged: they end by themselves, or nobody can know.
  return isServed ? row.leased && row.acknowledged && isOver : acknowledged || (row.leased && isOver)
}

/** What has become known of a row, to be kept. */
const learned = (env: ScheduleEnvironment, row: Fence, report: Report) => ({
  known_revision: row.known_revision ?? env.state.revision,
  acknowledged: report.acknowledged,
})

const differs = <T extends object>(row: T, values: Partial<T>) =>
  Object.entries(values).some(([name, value]) => row[name as keyof T] !== value)

/** Brings rows of one kind forward. */
function following<R extends Fence, P extends Place>(kind: Kind<R, P>) {
  /** Looked at through the draft: nobody has changed it meanwhile. */
  function isAsItWas(draft: Draft, row: R): boolean {
    const now = kind.get(draft, row.id)
    const { updated_at, datapath_id, leased } = row
    const same: Partial<Fence> = { updated_at, datapath_id, leased }
    return now !== undefined && !differs<Fence>(now, same) && kind.isServed(now) === kind.isServed(row)
  }

  /** Who serves next: one whose switch is connected, if there is one. */
  function nextOf({ switches }: ScheduleEnvironment, places: readonly P[], row: R): P | undefined {
    const others = linkedOf(places).filter((place) => place.datapathId !== row.datapath_id)
    const connected = others.find((place) => switches.applied.has(place.datapathId))
    return connected ?? (kind.isServed(row) ? undefined : others[0])
  }

  function handOver(draft: Draft, row: R, next: P): boolean | AlarmEffect {
    if (!isAsItWas(draft, row)) return true
    const places = kind.places(draft, row)
    if (!places.some((place) => kind.isSame(place, next))) return true
    return kind.handOver(draft, row, next, places.length > 1)
  }

  /** Nobody serves it, and nobody is going to. */
  function forget(draft: Draft, row: R): boolean {
    if (kind.places(draft, row).length === 0 && isAsItWas(draft, row)) kind.forget(draft, row.id)
    return true
  }

  /** Answers what there is to tell, or whether there was anything to do. */
  function follow(env: ScheduleEnvironment, row: R): boolean | AlarmEffect {
    const report = reportOf(env, row)
    if (isSilent(row, kind.isServed(row), report)) {
      const places = kind.places(env.state, row)
      const next = nextOf(env, places, row)
      if (next !== undefined) return handOver(env.draft(), row, next)
      if (places.length === 0 && !kind.isServed(row)) return forget(env.draft(), row)
    }
    const values: Partial<Fence> = learned(env, row, report)
    if (!differs<Fence>(row, values)) return false
    const draft = env.draft()
    if (isAsItWas(draft, row)) kind.learn(draft, row.id, values)
    return true
  }

  /** Answers how many rows that was about, too. */
  return (env: ScheduleEnvironment, most: number) => {
    const alarms: AlarmEffect[] = []
    let done = 0
    for (const row of kind.rows(env.state)) {
      if (done === most) break
      const followed = follow(env, row)
      if (followed !== false) done++
      if (typeof followed === 'object') alarms.push(followed)
    }
    return { alarms, done }
  }
}

const [followVlans, followRouters] = [following(vlans), following(routers)]

export default schedule({
  name: 'fail-over',
  every_ms: everyMs,
  handle(env) {
    const first = followVlans(env, rowsMax)
    const second = followRouters(env, rowsMax - first.done)
    return [...first.alarms, ...second.alarms]
  },
})
