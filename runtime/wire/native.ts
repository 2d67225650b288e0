import type { Node } from './node.ts'

/** Where a native reader that does not fill its region leaves the offset behind it. */
export const cursor = { at: 0 }

interface NativeParts<T> {
  readonly name: string
  readonly fills: boolean
  readonly minimum: number
  readonly read: (bytes: Uint8Array, view: DataView, offset: number, end: number) => T
  readonly write: (bytes: Uint8Array, view: DataView, offset: number, value: T) => number
  readonly fromJson: (json: unknown, at: string) => T
  readonly random: (pick: (below: number) => number) => T
}

/** An encoding that a table drives better than a tree of nodes. Readers stop by `stop`, writers by a TypeError. */
export const native = <T>(parts: NativeParts<T>): Node<T> => ({ kind: 'native', ...parts }) as Node<T>
