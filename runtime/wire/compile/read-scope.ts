import type { Shape, Struct } from '../node.ts'
import type { Lines, Source } from './source.ts'

/** What generating a reader needs everywhere. */
export interface ReadContext {
  readonly source: Source
  /** A traced reader keeps the path of what it reads, and so can say where it stopped. */
  readonly traced: boolean
  /** The name of the function that reads a node from exactly `[o, end)`. */
  functionOf(node: Shape): string
  /** The name of the function that reads a structure which ends where its fields do. */
  openStruct(node: Struct): string
}

/** What the fields of one structure share while its reader is generated. */
export interface Scope {
  readonly lines: Lines
  /** The variable that holds the structure's raw bytes. */
  readonly raw: string
  /** The variable that holds where the structure starts. */
  readonly start: string
  /** Variables that hold lengths and counts, by the field that they are of. */
  readonly lengths: Map<string, string>
  readonly counts: Map<string, string>
  /** Words of flags by field, and conditions by optional field. */
  readonly words: Map<string, string>
  readonly present: Map<string, string>
  /** Fields of flags that optional fields ask for. */
  readonly asked: ReadonlySet<string>
  /** Bytes that are known to be there. */
  ensured: number
  /** Whether a union has checked the constants already. */
  readonly dispatched: boolean
}

export const newScope = (
  lines: Lines,
  names: { raw: string; start: string },
  fields: Struct['fields'],
  how: { ensured: number; dispatched: boolean },
): Scope => ({
  ...names,
  ...how,
  lines,
  lengths: new Map(),
  counts: new Map(),
  words: new Map(),
  present: new Map(),
  asked: askedFor(fields),
})

const askedFor = (fields: Struct['fields']): ReadonlySet<string> =>
  new Set(
    Object.values(fields).flatMap((field) =>
      field.kind === 'optional' && field.when ? [field.when.field] : [],
    ),
  )

export const enter = (context: ReadContext, lines: Lines, part: string): void => {
  if (context.traced) lines.add(`path.push(${part});`)
}
export const leave = (context: ReadContext, lines: Lines): void => {
  if (context.traced) lines.add('path.pop();')
}

/** Emits a variable for an expression and moves on by `size` bytes. */
export function take(context: ReadContext, lines: Lines, size: number, expression: string): string {
  const value = context.source.fresh('t')
  lines.add(`const ${value}=${expression};`)
  lines.ahead += size
  return value
}

/** Emits the checks of an element's own length; returns the variable that holds its end. */
export function elementEnd(
  context: ReadContext,
  lines: Lines,
  framing: { offset: number; size: 1 | 2 },
): string {
  const head = framing.offset + framing.size
  const at = `o+${framing.offset}`
  const length = context.source.fresh('n')
  lines.add(`if(end-o<${head})fail("truncated",o,${head},end-o);`)
  lines.add(`const ${length}=${framing.size === 1 ? `b[${at}]` : `v.getUint16(${at})`};`)
  lines.add(`if(${length}<${head})fail("short",${at},${head},${length});`)
  lines.add(`if(${length}>end-o)fail("length",${at},end-o,${length});`)
  return take(context, lines, 0, `o+${length}`)
}
