/** Writes alarms into the state, so that other hosts tell them too, and who was away hears of them: few, however many there are. */
import { createDraft } from '../../../db/state/draft.ts'
import type { State } from '../../../db/state/types.ts'
import type { Store } from '../../../db/store/store.ts'
import { type Alarm, type AlarmRow, rowOfAlarm } from './alarm.ts'

export const sharedAlarmLimits = {
  /** Alarms that one commit writes. Of the same name about the same object it is one. */
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

export class SharedAlarms {
  /** This life of the host. */
  readonly id = crypto.randomUUID()
  readonly #nodeId: string | null
  readonly #sources: () => AlarmStore | undefined
  readonly #waiting = new Map<string, AlarmRow>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(nodeId: string | null, sources: () => AlarmStore | undefined) {
    this.#nodeId = nodeId
    this.#sources = sources
  }

  /** The first of its kind is written soon; what is one too many, only this host tells. */
  add(alarm: Alarm): void {
    const key = `${alarm.name} ${alarm.about?.[0] ?? ''}`
    if (this.#closed || this.#waiting.has(key) || this.#waiting.size >= sharedAlarmLimits.perCommitMax) return
    this.#waiting.set(key, rowOfAlarm(alarm, Date.now()))
    this.#timer ??= setTimeout(() => void this.#flush(), 0)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  /** What cannot be written now is not written at all: it is in the log of this host. */
  async #flush(): Promise<void> {
    const sources = this.#sources()
    if (sources !== undefined) {
      const { draft, writes } = createDraft(sources.state.view, Date.now())
      for (const row of this.#waiting.values())
        draft.alarms.insert({ ...row, raised_by: this.id, node_id: this.#nodeId })
      this.#waiting.clear()
      const { view } = sources.state
      const surplus = view.alarms.size - sharedAlarmLimits.keptMax
      if (surplus > sharedAlarmLimits.slack)
        for (const { id } of [...view.alarms.all()].slice(0, surplus)) draft.alarms.delete(id)
      await sources.store.commit({ writes, reads: [], revision: view.revision }).catch(() => undefined)
    }
    if (this.#closed) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#waiting.size > 0) void this.#flush()
    }, sharedAlarmLimits.pauseMs)
  }
}
