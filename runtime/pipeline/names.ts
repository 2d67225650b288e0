/** The names of a pipeline, and of the objects that its flows speak of. */
import type { State } from '../../db/state/types.ts'
import { type Code, codeOf, objectIdOf } from './cookies.ts'
import type { Flow } from './flow.ts'
import { flowText, type Names } from './text.ts'

/** The uuid of the object with this number; undefined: there is none any more, or none with a uuid. */
export type ObjectName = (value: number, state: State) => string | undefined

export interface PipelineNames extends Pick<Names, 'registers' | 'tables'> {
  /** Features and punt points. */
  readonly codes: Readonly<Record<string, Code>>
  readonly objects: {
    /** By register. */
    readonly registers: Readonly<Record<string, ObjectName>>
    /** By feature or punt point: whom the lower bits of its cookies mean. */
    readonly codes: Readonly<Record<string, ObjectName>>
  }
}

/** Of flow functions that say none. */
const noNames: PipelineNames = { registers: {}, tables: {}, codes: {}, objects: { registers: {}, codes: {} } }

/** Who made a flow. */
export interface Maker {
  /** A feature or punt point; its code as a number where this pipeline has none like it. */
  readonly feature: string
  /** The uuid of its object; null: it has none. */
  readonly uuid: string | null
  readonly objectId: number
}

/** Flows in the names that a pipeline and a state have for them. */
export class FlowNames {
  readonly pipeline: PipelineNames
  readonly #state: State
  readonly #features: ReadonlyMap<number, string>
  readonly #names: Names

  constructor(state: State, pipeline: PipelineNames = noNames) {
    this.pipeline = pipeline
    this.#state = state
    this.#features = new Map(Object.entries(pipeline.codes).map(([name, { code }]) => [code, name]))
    const { registers, tables, objects } = pipeline
    const objectOf: Names['objectOf'] = (register, value) =>
      value === 0 ? undefined : objects.registers[register]?.(value, state)
    this.#names = { registers, tables, objectOf }
  }

  get names(): Names {
    return this.#names
  }

  /** `destination 100 network=nw-a eth_dst=02:00:00:00:00:01 → outPort=3, goto output` */
  textOf(flow: Flow): string {
    return flowText(this.#names, flow)
  }

  makerOf(cookie: bigint): Maker {
    const code = codeOf(cookie)
    const objectId = objectIdOf(cookie)
    const feature = this.#features.get(code)
    if (feature === undefined) return { feature: String(code), uuid: null, objectId }
    const uuid = this.pipeline.objects.codes[feature]?.(objectId, this.#state) ?? null
    return { feature, uuid, objectId }
  }

  get tables(): readonly string[] {
    return Object.keys(this.pipeline.tables)
  }

  /** By name or number. */
  hasTable(given: string): boolean {
    return /^\d{1,3}$/.test(given) || Object.hasOwn(this.pipeline.tables, given)
  }

  /** The name of a table; its number where this pipeline has none like it. */
  tableOf(id: number): string {
    return Object.entries(this.pipeline.tables).find(([, table]) => table.id === id)?.[0] ?? String(id)
  }
}
