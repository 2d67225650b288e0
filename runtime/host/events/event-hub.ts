/** Tells who listens what happens: costs nothing while nobody does, and no commit waits for it. */
import { sqlName } from '../../../db/state/relations.ts'
import type { Change, State, TableName } from '../../../db/state/types.ts'
import { describeChange, type UuidOf } from './describe-change.ts'
import { eventLimits } from './limits.ts'
import { isWanted, type Notice, type NoticeFilter, noticeText } from './notice.ts'

/** Takes events as text. */
export interface Listener {
  readonly filter: NoticeFilter
  /** Changes up to this revision are told otherwise, or not at all. */
  readonly from: number
  write(text: string): void
  /** More has happened than can be kept for anybody. */
  overflow(): void
}

type RowsWithUuid = { get(id: number): { readonly uuid?: unknown } | undefined }

/** The uuid of a row that is there. */
export function uuidIn(state: State, table: TableName, id: number): string | undefined {
  const uuid = (state[table] as unknown as RowsWithUuid).get(id)?.uuid
  return typeof uuid === 'string' ? uuid : undefined
}

/** Uuids of rows that are deleted, for changes before. */
export class GoneUuids {
  readonly #uuids = new Map<string, string>()

  add(table: string, id: number, uuid: unknown): void {
    if (typeof uuid === 'string') this.#uuids.set(`${table}/${id}`, uuid)
  }

  get(table: string, id: number): string | undefined {
    return this.#uuids.get(`${table}/${id}`)
  }

  clear(): void {
    this.#uuids.clear()
  }
}

export class EventHub {
  readonly #listeners = new Set<Listener>()
  readonly #state: () => State
  readonly #gone = new GoneUuids()
  #pending: (Change | Notice)[] = []
  #timer: ReturnType<typeof setImmediate> | undefined

  /** @param state the newest: it has every change that was told of */
  constructor(state: () => State) {
    this.#state = state
  }

  get isHeard(): boolean {
    return this.#listeners.size > 0
  }

  add(listener: Listener): void {
    this.#listeners.add(listener)
  }

  remove(listener: Listener): void {
    this.#listeners.delete(listener)
    if (!this.isHeard) this.#forget()
  }

  /** Changes that were committed, in order. */
  changes(changes: readonly Change[]): void {
    if (!this.isHeard) return
    for (const { table, id, before, after } of changes)
      if (after === null) this.#gone.add(sqlName(table), id, before?.['uuid'])
    this.#wait(changes)
  }

  /** Something that is no change of state. */
  tell(notice: Notice): void {
    if (this.isHeard) this.#wait([notice])
  }

  #wait(more: readonly (Change | Notice)[]): void {
    if (this.#pending.length + more.length > eventLimits.pendingMax) {
      for (const listener of [...this.#listeners]) listener.overflow()
      return
    }
    for (const one of more) this.#pending.push(one)
    this.#timer ??= setImmediate(() => this.#slice())
  }

  /** Packets and requests have their turns between slices. */
  #slice(): void {
    this.#timer = undefined
    const state = this.#state()
    const uuidOf: UuidOf = (table, id) =>
      uuidIn(state, table, id) ?? this.#gone.get(sqlName(table), id) ?? null
    for (const one of this.#pending.splice(0, eventLimits.sliceChanges)) {
      const notice = 'table' in one ? describeChange(one, uuidOf) : one
      if (notice !== undefined) this.#send(notice)
    }
    if (this.#pending.length > 0) this.#timer = setImmediate(() => this.#slice())
    else this.#gone.clear()
  }

  #send(notice: Notice): void {
    let text: string | undefined
    for (const listener of [...this.#listeners])
      if ((notice.revision ?? Infinity) > listener.from && isWanted(listener.filter, notice))
        listener.write((text ??= noticeText(notice)))
  }

  #forget(): void {
    clearImmediate(this.#timer)
    this.#timer = undefined
    this.#pending = []
    this.#gone.clear()
  }
}
