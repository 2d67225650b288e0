/** One thing to do to a switch: put a flow, group or meter there, or take it away. */
import type { FlowPiece } from '../canonical/flow-piece.ts'
import type { GroupPiece } from '../canonical/group-piece.ts'
import type { MeterPiece } from '../canonical/meter-piece.ts'
import { type Piece, unitKey } from '../canonical/piece.ts'
import type { Flow } from '../flow.ts'
import { deleteFlow } from './messages.ts'
import type { SwitchFlow } from './switch-tables.ts'

/** An edit of one kind of thing. */
export interface EditOf<P extends Piece> {
  readonly key: string
  /** Whose it is; undefined for what was found on the switch and is nobody's. */
  readonly owner: string | undefined
  /** What is to be there; undefined: nothing. */
  readonly piece: P | undefined
}

export interface FlowEdit extends EditOf<FlowPiece> {
  readonly table: number
  readonly priority: number
  /** What it is about, for people; undefined where that cannot be read. */
  readonly flow: Flow | undefined
  /** The flow_mod, xid 0. */
  message(): Uint8Array
}
export type GroupEdit = EditOf<GroupPiece>
export type MeterEdit = EditOf<MeterPiece>

/** A class, since there may be ten thousands of them at once; whose it is, is asked of few. */
class FlowPieceEdit implements FlowEdit {
  readonly key: string
  readonly table: number
  readonly priority: number
  readonly #piece: FlowPiece
  readonly #puts: boolean

  constructor(piece: FlowPiece, puts: boolean) {
    this.key = piece.key
    this.table = piece.table
    this.priority = piece.priority
    this.#piece = piece
    this.#puts = puts
  }

  get owner(): string {
    return unitKey(this.#piece.unit)
  }

  get piece(): FlowPiece | undefined {
    return this.#puts ? this.#piece : undefined
  }

  get flow(): Flow {
    return this.#piece.flow
  }

  message(): Uint8Array {
    const { bytes } = this.#piece
    return this.#puts ? bytes : deleteFlow(bytes, 0, this.table, this.priority)
  }
}

export const putFlow = (piece: FlowPiece): FlowEdit => new FlowPieceEdit(piece, true)
export const removeFlow = (piece: FlowPiece): FlowEdit => new FlowPieceEdit(piece, false)

export const removeForeignFlow = (flow: SwitchFlow): FlowEdit => ({
  key: flow.key,
  owner: undefined,
  piece: undefined,
  table: flow.table,
  priority: flow.priority,
  get flow() {
    return flow.flow
  },
  message: () => deleteFlow(flow.bytes, flow.start, flow.table, flow.priority),
})

export const putObject = <P extends Piece>(piece: P): EditOf<P> => ({
  key: piece.key,
  owner: unitKey(piece.unit),
  piece,
})
export const removeObject = (key: string, owner?: string): EditOf<never> => ({ key, owner, piece: undefined })
