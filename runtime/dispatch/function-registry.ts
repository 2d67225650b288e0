import type {
  AnyFunction,
  ApiFunction,
  EventFunction,
  FlowsFunction,
  PacketFunction,
} from '../openvnet/define.ts'
import type { EventName } from '../openvnet/events.ts'
import { failure, type Result, success } from '../problem.ts'
import { FunctionSlot, type LoadedVersion } from './active-function.ts'

const isKind =
  <F extends AnyFunction>(kind: F['kind']) =>
  (slot: FunctionSlot): slot is FunctionSlot<F> =>
    slot.current?.definition.kind === kind

const isPacket = isKind<PacketFunction>('packet')
const isEvent = isKind<EventFunction>('event')

/** Which version of each function serves, and what each serves. */
export class FunctionRegistry {
  readonly #slots = new Map<string, FunctionSlot>()
  readonly #puntTable = new Map<number, FunctionSlot<PacketFunction>>()
  #byEvent = new Map<EventName, FunctionSlot<EventFunction>[]>()
  readonly #listeners = new Set<(version: LoadedVersion) => void>()

  /** Packet functions by the code of their punt point. */
  get puntTable(): ReadonlyMap<number, FunctionSlot<PacketFunction>> {
    return this.#puntTable
  }

  get slots(): Iterable<FunctionSlot> {
    return this.#slots.values()
  }

  slot(name: string): FunctionSlot | undefined {
    return this.#slots.get(name)
  }

  /** The functions of an event, in the order of their names. */
  onEvent(name: EventName): readonly FunctionSlot<EventFunction>[] {
    return this.#byEvent.get(name) ?? []
  }

  /** Told of every activation, after it. */
  onActivated(listener: (version: LoadedVersion) => void) {
    this.#listeners.add(listener)
  }

  /** The active versions of a kind, in the order of their names. */
  active(kind: 'api'): LoadedVersion<ApiFunction>[]
  active(kind: 'flows'): LoadedVersion<FlowsFunction>[]
  active(kind: AnyFunction['kind']): LoadedVersion[] {
    const versions = [...this.#slots.values()].map((slot) => slot.current)
    return versions
      .filter((version): version is LoadedVersion => version?.definition.kind === kind)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /**
   * From now on the version serves; what runs finishes on the old one. Answers the version that served before.
   * Fails where the punt point is another function's.
   */
  activate(version: LoadedVersion): Result<LoadedVersion | undefined> {
    const taken = this.#takenBy(version)
    if (taken !== undefined)
      return failure({
        what: `its punt point is served by ${taken} already`,
        where: version.id,
        hint: 'Only one function can serve a punt point.',
      })
    let slot = this.#slots.get(version.name)
    if (slot === undefined) this.#slots.set(version.name, (slot = new FunctionSlot(version.name)))
    const previous = slot.activate(version)
    this.#index(slot)
    for (const listener of this.#listeners) listener(version)
    return success(previous)
  }

  /** The function is gone: nothing serves what it served. */
  remove(name: string) {
    const slot = this.#slots.get(name)
    if (slot === undefined) return
    this.#slots.delete(name)
    slot.current = slot.lastGood = undefined
    this.#unpunt(slot)
    this.#indexEvents()
  }

  #takenBy({ name, definition }: LoadedVersion): string | undefined {
    if (definition.kind !== 'packet') return undefined
    const other = this.#puntTable.get(definition.from.code)
    return other === undefined || other.name === name ? undefined : other.name
  }

  #index(slot: FunctionSlot) {
    if (isPacket(slot)) {
      this.#unpunt(slot)
      this.#puntTable.set(slot.current!.definition.from.code, slot)
    } else if (isEvent(slot)) this.#indexEvents()
  }

  #unpunt(slot: FunctionSlot) {
    for (const [code, other] of this.#puntTable) if (other === slot) this.#puntTable.delete(code)
  }

  #indexEvents() {
    const byEvent = new Map<EventName, FunctionSlot<EventFunction>[]>()
    const slots = [...this.#slots.values()].filter(isEvent).sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const slot of slots)
      for (const name of slot.current!.definition.on) byEvent.set(name, [...(byEvent.get(name) ?? []), slot])
    this.#byEvent = byEvent
  }
}
