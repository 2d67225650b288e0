import type { NamedBits } from '../names.ts'
import type { Shape } from '../node.ts'
import type { Lines, Source } from './source.ts'

/** What generating a writer needs everywhere. */
export interface WriteContext {
  readonly source: Source
  /** The name of the function that writes a node at `o` and returns the offset behind it. */
  functionOf(node: Shape): string
}

/** What the fields of one structure share while its writer is generated. */
export interface Scope {
  readonly lines: Lines
  /** Variables: the structure's value, its raw bytes, where it starts. */
  readonly value: string
  readonly raw: string
  readonly start: string
  /** Where the lengths of fields are to be written. */
  readonly lengths: Map<string, { at: string; size: 1 | 2 }>
  /** How fields of flags are written. */
  readonly flags: Map<string, NamedBits>
}
