/** Generates the reading of fields whose size the message tells: by a length, a count, or to the end. */
import { fills, fixedSize } from '../composites.ts'
import { nestingDepthMax } from '../nesting.ts'
import type { Frame, List, Shape } from '../node.ts'
import { framingOf } from './framing.ts'
import { elementEnd, type ReadContext, type Scope, take } from './read-scope.ts'
import { readStruct } from './read-struct.ts'

export function readVariable(context: ReadContext, name: string, node: Shape, scope: Scope): string {
  const { lines } = scope
  lines.settle()
  scope.ensured = 0
  if (node.kind === 'struct') return readStruct(context, node, lines, { dispatched: false, ensured: 0 })
  if (node.kind === 'lazy') lines.add(`if(++depth>${nestingDepthMax})fail("depth",o,${nestingDepthMax},0);`)
  const framing = fills(node) ? undefined : framingOf(node)
  const end = framing ? elementEnd(context, lines, framing) : regionEnd(context, name, node, scope)
  const call = node.kind === 'rest' ? `copy(b,o,${end})` : `${context.functionOf(node)}(b,v,o,${end})`
  const value = take(context, lines, 0, call)
  if (node.kind === 'lazy') lines.add('depth--;')
  lines.add(!fills(node) && framing === undefined ? 'o=cursor.at;' : `o=${end};`)
  return value
}

/** The variable that holds where the region of a field ends. */
function regionEnd(context: ReadContext, name: string, node: Shape, scope: Scope): string {
  const { lines, lengths, counts } = scope
  const length = lengths.get(name)
  const count = counts.get(name)
  if (length === undefined && count === undefined) return 'end'
  const bytes = length ?? `${count}*${fixedSize((node as List).element)}`
  lines.add(`if(${bytes}>end-o)fail("length",o,end-o,${bytes});`)
  return take(context, lines, 0, `o+${bytes}`)
}

/** `[prefix][length] body` and zeros; the last frame of a region may lack some of them. */
export function readFrame(context: ReadContext, name: string, node: Frame, scope: Scope): string {
  const { lines, raw } = scope
  lines.settle()
  scope.ensured = 0
  const length = context.source.fresh('n')
  lines.add(`if(end-o<4)fail("truncated",o,4,end-o);`)
  lines.add(`if(v.getUint16(o)!==${node.prefix})fail("constant",o,${node.prefix},v.getUint16(o));`)
  lines.add(`const ${length}=v.getUint16(o+2);if(${length}<4)fail("short",o+2,4,${length});`)
  lines.add(`if(${length}>end-o)fail("length",o+2,end-o,${length});`)
  const value = take(context, lines, 0, `${context.functionOf(node.body)}(b,v,o+4,o+${length})`)
  const full = take(context, lines, 0, `o+(${length}+${node.align - 1}&-${node.align})`)
  const stop = take(context, lines, 0, `${full}>end?end:${full}`)
  const keeps = `${raw}=keep(${raw},${JSON.stringify(name)},b,o+${length},${stop});`
  lines.add(`if(${full}>end||anySet(b,o+${length},${stop}))${keeps}o=${stop};`)
  return value
}
