/** The names of a pipeline, and of the objects that its flows speak of. */
import type { State } from '../../db/state/types.ts'
import { codeOf, objectIdOf } from './cookies.ts'
import type { Flow } from './flow.ts'
import { flowText, type Names } from './text.ts'

/** The uuid of the object with this number; undefined: there is none any more, or none with a uuid. */
export type ObjectName = (value: number, state: State) => string | undefined

/** A feature, or a punt point. */
export interface NamedCode {
  readonly name: string
  readonly code: number
  /** Its flows hand packets to a function. */
  readonly isPunt: boolean
  /** Whom the lower bits of its cookies mean. */
  readonly objectOf: ObjectName | undefined
}

export interface PipelineNames extends Pick<Names, 'registers' | 'tables'> {
  readonly codes: readonly NamedCode[]
  /** Whom registers, fields and groups (`group`) mean; `table.name` for one that is something else in a table. */
  readonly objects: Readonly<Record<string, ObjectName>>
}

/** Of flow functions that say none. */
const noNames: PipelineNames = { registers: {}, tables: {}, codes: [], objects: {} }

/** Who made a flow. */
export interface Maker {
  /** A feature or punt point; its code as a number where this pipeline has none like it. */
  readonly feature: string
  /** It hands packets to the function of that name. */
  readonly isPunt: boolean
  /** The uuid of its object; null: it has none. */
  readonly uuid: string | null
  readonly objectId: number
}

/** Flows in the names that a pipeline and a state have for them. */
export class FlowNames {
  readonly pipeline: PipelineNames
  readonly #state: State
  readonly #codes: ReadonlyMap<number, NamedCode>
  readonly #names: Names

  constructor(state: State, pipeline: PipelineNames = noNames) {
    this.pipeline = pipeline
    this.#state = state
    this.#codes = new Map(pipeline.codes.map((one) => [one.code, one]))
    const { registers, tables, objects } = pipeline
    const objectOf: Names['objectOf'] = (name, value, table) =>
      value === 0 ? undefined : (objects[`${table}.${name}`] ?? objects[name])?.(value, state)
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
    const known = this.#codes.get(code)
    if (known === undefined) return { feature: String(code), isPunt: false, uuid: null, objectId }
    const { name: feature, isPunt, objectOf } = known
    return { feature, isPunt, uuid: objectOf?.(objectId, this.#state) ?? null, objectId }
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
