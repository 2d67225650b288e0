/** Generates readers of lists: elements that carry their own length, have a fixed one, or end where they end. */
import { fixedSize } from '../composites.ts'
import type { List } from '../node.ts'
import type { Framing } from './dispatch.ts'
import { framingOf } from './framing.ts'
import { readFixed } from './read-field.ts'
import { elementEnd, enter, leave, type ReadContext, take } from './read-scope.ts'
import { Lines } from './source.ts'

/** The body of a function that reads elements up to `end`. Every element takes at least a byte, or stops the reader. */
export function listBody(context: ReadContext, node: List): string {
  const lines = new Lines()
  const framing = framingOf(node.element)
  lines.add('const a=[];while(o<end){')
  if (node.lenient) stopEarly(framing, lines)
  enter(context, lines, 'a.length')
  if (framing) framedElement(context, node, framing, lines)
  else plainElement(context, node, lines)
  leave(context, lines)
  lines.add(`}${node.lenient ? 'cursor.at=o;' : ''}return a;`)
  return lines.text.join('\n')
}

function stopEarly(framing: Framing | undefined, lines: Lines): void {
  if (framing?.size !== 2) throw new Error('only elements with lengths of 2 bytes can be lenient')
  const head = framing.offset + framing.size
  const length = `v.getUint16(o+${framing.offset})`
  lines.add(`if(end-o<${head}||${length}<${head}||${length}>end-o)break;`)
}

function framedElement(context: ReadContext, node: List, framing: Framing, lines: Lines): void {
  const end = elementEnd(context, lines, framing)
  lines.add(`const x=${context.functionOf(node.element)}(b,v,o,${end});a.push(x);`)
  const { outerAlign } = framing
  if (outerAlign === 1) {
    lines.add(`o=${end};`)
    return
  }
  const full = take(context, lines, 0, `o+(${end}-o+${outerAlign - 1}&-${outerAlign})`)
  const rest = `${full}>end?end:${full}`
  const forgotten = framing.outerAlignForgotten ? `anySet(b,${end},${rest})?${end}:` : ''
  const stop = take(context, lines, 0, `${forgotten}${rest}`)
  const keeps = `x.raw=keep(x.raw,"padding",b,${end},${stop});`
  lines.add(`if(${stop}!==${full}||anySet(b,${end},${stop}))${keeps}o=${stop};`)
}

function plainElement(context: ReadContext, { element }: List, lines: Lines): void {
  const size = fixedSize(element)
  if (size === undefined) {
    const name = element.kind === 'struct' ? context.openStruct(element) : context.functionOf(element)
    lines.add(`a.push(${name}(b,v,o,end));o=cursor.at;`)
    return
  }
  lines.add(`if(end-o<${size})fail("truncated",o,${size},end-o);`)
  if (element.kind === 'struct') {
    lines.add(`a.push(${context.functionOf(element)}(b,v,o,o+${size}));o+=${size};`)
    return
  }
  lines.add(`a.push(${readFixed(context, element, { lines })});`)
  lines.settle()
}
