/** A flow that a unit wants: encoded once, and compared by its canonical form. */
import type { Flow, Unit } from '../flow.ts'
import { encodeOnce } from './encode.ts'
import { flowOf } from './flow-bytes.ts'
import { flowBody, flowKey } from './flow-form.ts'
import { describeFlow } from './flow-text.ts'
import { flowMod, u16 } from './layout.ts'
import type { Piece } from './piece.ts'

export class FlowPiece implements Piece {
  readonly key: string
  /** The flow_mod that adds it (command OFPFC_ADD, xid 0). */
  readonly bytes: Uint8Array
  #body: string | undefined

  readonly unit: Unit
  /** See `Flow.claimsZone`. */
  readonly claimsZone: number | undefined

  /** Throws where the flow cannot be encoded, or has cookie 0 (Open vSwitch's own flows have that: it cannot be deleted by cookie). */
  constructor(unit: Unit, flow: Flow) {
    this.unit = unit
    this.claimsZone = flow.claimsZone
    if (flow.cookie === 0n) throw new RangeError(`the cookie of ${describeFlow(flow)} is 0`)
    this.bytes = encodeOnce({
      version: 4,
      type: 'OFPT_FLOW_MOD',
      xid: 0,
      cookie: flow.cookie,
      cookie_mask: 0n,
      table_id: flow.table,
      command: 'OFPFC_ADD',
      idle_timeout: flow.idle_timeout ?? 0,
      hard_timeout: flow.hard_timeout ?? 0,
      priority: flow.priority,
      buffer_id: 'OFP_NO_BUFFER',
      out_port: 'OFPP_ANY',
      out_group: 'OFPG_ANY',
      flags: flow.flags ?? [],
      match: flow.match,
      instructions: flow.instructions,
    })
    this.key = flowKey(this.bytes, 0, flow.table, flow.priority)
  }

  /** Made when it is first asked for: most flows are never compared. */
  get body(): string {
    return (this.#body ??= flowBody(this.bytes, 0, this.bytes.length, flowMod))
  }

  get table(): number {
    return this.bytes[flowMod.table]!
  }

  get priority(): number {
    return u16(this.bytes, flowMod.priority)
  }

  /** Read back from its bytes: of ten thousands of flows, only those are kept. */
  get flow(): Flow {
    return flowOf(this.bytes)!
  }

  /** For people. */
  get text(): string {
    return describeFlow(this.flow)
  }
}
