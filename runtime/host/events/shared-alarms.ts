/** Writes alarms into the state, so that other hosts tell them too, and who was away hears of them: few, however many there are. */
import { createDraft } from '../../../db/state/draft.ts'
import type { State } from '../../../db/state/types.ts'
import type { Store } from '../../../db/store/store.ts'
import { type Alarm, type AlarmRow, rowOfAlarm } from './alarm.ts'

/** Guests cause alarms, as many as they like: what they write here wakes every host, and displaces other changes from the feed. */
export const sharedAlarmLimits = {
  /** Of the same name about the same object one row is written in this time; what comes meanwhile is counted in the next. */
  sameMs: 60_000,
  /** Objects that alarms of one name are written about in that time, by one host; … */
  objectsPerName: 20,
  /** … and of all names. */
  objectsMax: 200,
  /** Alarms that one commit writes. */
  perCommitMax: 20,
  /** Between two commits of one host. */
  pauseMs: 1_000,
  /** Alarms that are kept, of all hosts together, … */
  keptMax: 1_000,
  /** … and how many more there may be before the oldest go. */
  slack: 100,
} as const

export interface AlarmStore {
  readonly state: { readonly view: State }
  readonly store: Pick<Store, 'commit'>
}

/** Alarms of one name about one object, since one was written. */
interface Repeated {
  readonly name: string
  times: number
  latest: { readonly alarm: Alarm; readonly at: number } | undefined
  timer: ReturnType<typeof setTimeout>
}

export class SharedAlarms {
  /** This life of the host. */
  readonly id = crypto.randomUUID()
  readonly #nodeId: string | null
  readonly #sources: () => AlarmStore | undefined
  readonly #sameMs: number
  readonly #repeated = new Map<string, Repeated>()
  #waiting: AlarmRow[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(
    nodeId: string | null,
    sources: () => AlarmStore | undefined,
    sameMs: number = sharedAlarmLimits.sameMs,
  ) {
    this.#nodeId = nodeId
    this.#sources = sources
    this.#sameMs = sameMs
  }

  /** The first of its kind is written soon; what is one too many, only this host tells. */
  add(alarm: Alarm): void {
    if (this.#closed) return
    const { name } = alarm
    const key = `${name} ${alarm.about?.[0] ?? ''}`
    const known = this.#repeated.get(key)
    if (known !== undefined) {
      known.times++
      known.latest = { alarm, at: Date.now() }
    } else if (this.#hasRoom(name)) {
      const timer = this.#later(key)
      this.#repeated.set(key, { name, times: 0, latest: undefined, timer })
      this.#write(rowOfAlarm(alarm, Date.now()))
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    for (const { timer } of this.#repeated.values()) clearTimeout(timer)
  }

  #hasRoom(name: string): boolean {
    const { objectsMax, objectsPerName } = sharedAlarmLimits
    if (this.#repeated.size >= objectsMax) return false
    let objects = 0
    for (const one of this.#repeated.values()) if (one.name === name) objects++
    return objects < objectsPerName
  }

  #later(key: string) {
    return setTimeout(() => this.#writeRepeated(key), this.#sameMs)
  }

  /** Who has raised none meanwhile makes room for others. */
  #writeRepeated(key: string): void {
    const { name, times, latest } = this.#repeated.get(key)!
    this.#repeated.delete(key)
    if (latest === undefined) return
    const { alarm, at } = latest
    this.#repeated.set(key, { name, times: 0, latest: undefined, timer: this.#later(key) })
    this.#write(rowOfAlarm({ ...alarm, fields: { ...alarm.fields, times } }, at))
  }

  #write(row: AlarmRow): void {
    this.#waiting.push(row)
    this.#timer ??= setTimeout(() => void this.#flush(), 0)
  }

  /** What cannot be written now is not written at all: it is in the log of this host. */
  async #flush(): Promise<void> {
    const sources = this.#sources()
    const rows = this.#waiting.splice(0, sharedAlarmLimits.perCommitMax)
    if (sources !== undefined) {
      const { view } = sources.state
      const { draft, writes } = createDraft(view, Date.now())
      for (const row of rows) draft.alarms.insert({ ...row, raised_by: this.id, node_id: this.#nodeId })
      const surplus = view.alarms.size - sharedAlarmLimits.keptMax
      if (surplus > sharedAlarmLimits.slack)
        for (const { id } of [...view.alarms.all()].slice(0, surplus)) draft.alarms.delete(id)
      await sources.store.commit({ writes, reads: [], revision: view.revision }).catch(() => undefined)
    }
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#waiting.length > 0) void this.#flush()
    }, sharedAlarmLimits.pauseMs)
  }
}
