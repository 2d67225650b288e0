/** The flows of a datapath by table, read as they are needed: in slices, since a table may have thousands. */
import type { Desired } from '../../pipeline/engine/delta.ts'
import type { Flow, Group, MatchField } from '../../pipeline/flow.ts'
import { Slices } from '../look/limits.ts'
import { ctBits, numberOf, type Packet } from './packet.ts'

interface Condition {
  readonly field: string
  readonly value: bigint
  readonly mask: bigint | undefined
}

/** A flow with its match as numbers. */
export interface KnownFlow {
  readonly flow: Flow
  readonly conditions: readonly Condition[]
}

function conditionOf({ field, value, mask }: MatchField): Condition {
  const number = numberOf(value)
  if (mask === undefined) return { field, value: number, mask: undefined }
  const bits = numberOf(mask)
  return { field, value: number & bits, mask: bits }
}

const isKnown = (packet: Packet) => (packet.get('ct_state') & BigInt(ctBits['est']! | ctBits['rel']!)) !== 0n

/** That a connection is known is assumed, and so is what made it. */
const holds = ({ field, value, mask }: Condition, packet: Packet): boolean =>
  (field === 'ct_label' && isKnown(packet)) ||
  (mask === undefined ? packet.get(field) === value : (packet.get(field) & mask) === value)

/** Flows that the switch has of its own, of a table that it fills by itself. */
export type ReadLearned = (table: number) => Promise<readonly Flow[]>

export class FlowTables {
  readonly #desired: Desired
  readonly #learned: ReadonlySet<number>
  readonly #readLearned: ReadLearned
  readonly #tables = new Map<number, readonly KnownFlow[]>()

  constructor(desired: Desired, learned: ReadonlySet<number>, readLearned: ReadLearned) {
    this.#desired = desired
    this.#learned = learned
    this.#readLearned = readLearned
  }

  /** The flow of a table that a packet meets; undefined: none. */
  async lookUp(table: number, packet: Packet): Promise<KnownFlow | undefined> {
    const known = this.#tables.get(table) ?? (await this.#read(table))
    return known.find(({ conditions }) => conditions.every((condition) => holds(condition, packet)))
  }

  /** Undefined: the datapath is to have no such group. */
  group(id: number): Group | undefined {
    return this.#desired.groups.get(String(id))?.group
  }

  async #read(table: number): Promise<readonly KnownFlow[]> {
    const flows: Flow[] = this.#learned.has(table) ? [...(await this.#readLearned(table))] : []
    const slices = new Slices()
    for (const piece of this.#desired.flows.values()) {
      if (piece.table === table) flows.push(piece.flow)
      if (slices.isOver) await slices.pause()
    }
    const known = flows.map((flow) => ({ flow, conditions: flow.match.map(conditionOf) }))
    known.sort((a, b) => b.flow.priority - a.flow.priority)
    this.#tables.set(table, known)
    return known
  }
}
