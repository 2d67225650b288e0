/** What the synchroniser asks of a switch: read everything, apply messages all or none. `session-port.ts` does it over a session. */
import type { Problem, Result } from '../../problem.ts'
import type { SwitchTables } from './switch-tables.ts'

export type Applied =
  | { readonly kind: 'applied' }
  /** The switch said no, and did none of it. `refused` has the messages that it named, if any, by index. */
  | { readonly kind: 'refused'; readonly problem: Problem; readonly refused: ReadonlyMap<number, Problem> }
  /** It could not be sent as a whole, or there was no answer: what the switch did is unknown. */
  | { readonly kind: 'unknown'; readonly problem: Problem }

/** What became of messages that are carried out one by one. */
export interface AppliedEach {
  /** By index, what was refused. */
  readonly refused: ReadonlyMap<number, Problem>
  /** No answer: what the switch did is unknown. */
  readonly unknown?: Problem
}

export interface SwitchPort {
  /** Flows, groups and meters as they are. */
  read(timeoutMs: number): Promise<Result<SwitchTables>>
  /** Carries out whole messages (xid 0) in order, all or none of them, and waits until it is done. */
  bundle(messages: readonly Uint8Array[], timeoutMs: number): Promise<Applied>
  /** Carries out whole messages (xid 0) in order, each for itself, and waits until it is done. */
  each(messages: readonly Uint8Array[], timeoutMs: number): Promise<AppliedEach>
  /** False where the switch knows no bundles. */
  readonly hasBundles: boolean
}
