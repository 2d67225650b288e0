import type {
  AnyFunction,
  EventFunction,
  FlowsFunction,
  PacketFunction,
  ScheduleFunction,
} from '../openvnet/define.ts'
import type { EventName } from '../openvnet/events.ts'
import { failure, type Result, success } from '../problem.ts'
import { FunctionSlot, type LoadedVersion } from './active-function.ts'

const isOf =
  <F extends AnyFunction>(kind: F['kind']) =>
  (slot: FunctionSlot): slot is FunctionSlot<F> =>
    slot.latest?.definition.kind === kind

const codeOf = (version: LoadedVersion | undefined): number | undefined =>
  version?.definition.kind === 'packet' ? version.definition.from.code : undefined

/** Which version of each function serves, and what each serves. */
export class FunctionRegistry {
  readonly #slots = new Map<string, FunctionSlot>()
  readonly #puntTable = new Map<number, FunctionSlot<PacketFunction>>()
  readonly #byEvent = new Map<EventName, FunctionSlot<EventFunction>[]>()
  readonly #listeners = new Set<(version: LoadedVersion) => void>()
  #schedules: readonly FunctionSlot<ScheduleFunction>[] = []

  /** Packet functions by the code of their punt point. */
  get puntTable(): ReadonlyMap<number, FunctionSlot<PacketFunction>> {
    return this.#puntTable
  }

  /** In the order of their names. */
  get slots(): readonly FunctionSlot[] {
    return [...this.#slots.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  slot(name: string): FunctionSlot | undefined {
    return this.#slots.get(name)
  }

  /** The functions of an event, in the order of their names. */
  onEvent(name: EventName): readonly FunctionSlot<EventFunction>[] {
    return this.#byEvent.get(name) ?? []
  }

  /** What is to run again and again, in the order of their names. */
  get schedules(): readonly FunctionSlot<ScheduleFunction>[] {
    return this.#schedules
  }

  /** The pipeline and the flow functions that serve: none before the first deployment, or one. */
  active(_kind: 'flows'): LoadedVersion<FlowsFunction>[] {
    return this.slots.filter(isOf<FlowsFunction>('flows')).flatMap((slot) => slot.current ?? [])
  }

  /** Told of every activation, after it. */
  onActivated(listener: (version: LoadedVersion) => void) {
    this.#listeners.add(listener)
  }

  /** `activateAll` of one version. */
  activate(version: LoadedVersion): Result<void> {
    return this.activateAll([version])[0]!
  }

  /**
   * From now on these serve, all from the same moment; what runs finishes on the old ones. A version whose punt point
   * another function serves, or would, fails, and what it was to replace goes on.
   */
  activateAll(versions: readonly LoadedVersion[]): Result<void>[] {
    const next = new Map([...this.#slots].map(([name, slot]) => [name, slot.latest]))
    for (const version of versions) next.set(version.name, version)
    const results = versions.map((version): Result<void> => {
      const rival = [...next.values()].find((other) => other !== version && isRival(version, other))
      if (rival === undefined) return success(undefined)
      next.set(version.name, this.#slots.get(version.name)?.latest)
      return failure({
        what: `its punt point is that of ${rival.id} too`,
        where: version.id,
        hint: 'Only one function can serve a punt point.',
      })
    })
    const good = versions.filter((_, at) => results[at]!.ok)
    for (const version of good) this.#slotOf(version.name).activate(version)
    this.#index()
    for (const version of good) for (const listener of this.#listeners) listener(version)
    return results
  }

  /** The function is gone: nothing serves what it served. */
  remove(name: string) {
    const slot = this.#slots.get(name)
    if (slot === undefined) return
    this.#slots.delete(name)
    slot.retire()
    this.#index()
  }

  #slotOf(name: string): FunctionSlot {
    let slot = this.#slots.get(name)
    if (slot === undefined) this.#slots.set(name, (slot = new FunctionSlot(name)))
    return slot
  }

  /** In place: the dispatchers hold the tables. */
  #index() {
    const { slots } = this
    this.#schedules = slots.filter(isOf<ScheduleFunction>('schedule'))
    this.#puntTable.clear()
    for (const slot of slots.filter(isOf<PacketFunction>('packet')))
      this.#puntTable.set(slot.latest!.definition.from.code, slot)
    this.#byEvent.clear()
    for (const slot of slots.filter(isOf<EventFunction>('event')))
      for (const name of slot.latest!.definition.on)
        this.#byEvent.set(name, [...(this.#byEvent.get(name) ?? []), slot])
  }
}

const isRival = (version: LoadedVersion, other: LoadedVersion | undefined): other is LoadedVersion => {
  const code = codeOf(version)
  return code !== undefined && other?.name !== version.name && codeOf(other) === code
}
