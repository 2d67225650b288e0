/** Generates the writing of one field. */
import { fixedSize } from '../composites.ts'
import type {
  Align,
  Constant,
  Count,
  Frame,
  Optional,
  Padding,
  Presence,
  Shape,
  Struct,
  Text,
} from '../node.ts'
import { alignment, store, zeros } from './expressions.ts'
import { member } from './source.ts'
import { writeFixed } from './write-fixed.ts'
import type { Scope, WriteContext } from './write-scope.ts'
import { writeStruct } from './write-struct.ts'

export function writeField(context: WriteContext, name: string, node: Shape, scope: Scope): void {
  switch (node.kind) {
    case 'pad':
    case 'text':
    case 'constant':
    case 'count':
      writeWritten(name, node, scope)
      return
    case 'length':
      reserveLength(context, node.of, node.size, scope)
      return
    case 'struct':
      writeNested(context, node, member(scope.value, name), scope)
      return
    case 'frame':
      writeFrame(context, name, node, scope)
      return
    case 'presence':
      writePresence(name, node, scope)
      return
    case 'optional':
      writeOptional(context, name, node, scope)
      return
    default:
      if (fixedSize(node) === undefined) writeVariable(context, name, node, scope)
      else writeFixed(context, node, member(scope.value, name), scope.lines)
  }
}

/** Fields that are written as they stand in the declaration, or with raw bytes beside the value. */
function writeWritten(name: string, node: Padding | Text | Constant | Count, scope: Scope): void {
  const { lines, value, raw } = scope
  const at = lines.at()
  const kept = member(raw, name)
  switch (node.kind) {
    case 'pad':
      lines.add(
        `if(${raw}===undefined){${zeros(node.size, lines)}}else putPad(b,${at},${node.size},${kept});`,
      )
      break
    case 'text':
      lines.add(`writeText(b,${at},${node.size},${member(value, name)});`)
      lines.add(`if(${raw}!==undefined)putTail(b,${at},${node.size},${kept});`)
      break
    case 'constant':
      lines.add(`${store(node.size, at, String(node.value))};`)
      break
    case 'count': {
      const count = `${member(value, node.of)}.length`
      lines.add(`if(${count}>65535)bad();${store(2, at, count)};`)
    }
  }
  lines.ahead += node.size
}

function writePresence(name: string, node: Presence, { lines, value, raw }: Scope): void {
  const bits = Object.entries(node.of).map(([field, bit]) => `(${member(value, field)}===undefined?0:${bit})`)
  const at = lines.at()
  const kept = member(raw, name)
  lines.add(`${store(node.size, at, bits.join('|'))};`)
  lines.add(`if(${raw}!==undefined&&${kept}!==undefined)putPad(b,${at},${node.size},${kept});`)
  lines.ahead += node.size
}

function writeOptional(context: WriteContext, name: string, node: Optional, scope: Scope): void {
  const { lines, value, flags } = scope
  const { when } = node
  lines.settle()
  const mine = member(value, name)
  if (when) {
    const bits = context.source.constant(flags.get(when.field))
    const announced = `(${bits}.write(${member(value, when.field)})&${when.bit})!==0`
    lines.add(`if((${mine}!==undefined)!==(${announced}))bad();`)
  }
  lines.add(`if(${mine}!==undefined){`)
  writeField(context, name, node.node, scope)
  lines.settle()
  lines.add('}')
}

function reserveLength(
  context: WriteContext,
  of: string | undefined,
  size: 1 | 2,
  { lines, lengths }: Scope,
) {
  if (of !== undefined) {
    const at = context.source.fresh('p')
    lines.add(`const ${at}=${lines.at()};`)
    lengths.set(of, { at, size })
  }
  lines.ahead += size
}

function writeNested(context: WriteContext, node: Struct, mine: string, { lines }: Scope): void {
  const { source } = context
  const [value, raw, start] = [source.fresh('x'), source.fresh('raw'), source.fresh('s')]
  lines.add(`const ${value}=${mine},${start}=${lines.at()};`)
  writeStruct(context, node, { value, raw, start, lines })
}

function writeVariable(context: WriteContext, name: string, node: Shape, scope: Scope): void {
  const { lines, value, lengths } = scope
  lines.settle()
  const mine = member(value, name)
  const length = lengths.get(name)
  const start = context.source.fresh('q')
  if (length) lines.add(`const ${start}=o;`)
  if (node.kind === 'rest') lines.add(`b.set(${mine},o);o+=${mine}.length;`)
  else lines.add(`o=${context.functionOf(node)}(b,v,o,${mine});`)
  if (!length) return
  lines.add(`if(o-${start}>${2 ** (8 * length.size) - 1})bad();`)
  lines.add(`${store(length.size, length.at, `o-${start}`)};`)
}

export function writeAlign(
  context: WriteContext,
  name: string,
  node: Align,
  scope: Scope,
  last: boolean,
): void {
  const { lines, value, raw, start } = scope
  lines.settle()
  const size = alignment(node, start)
  const kept = `${raw}===undefined?undefined:${member(raw, name)}`
  if (node.before !== undefined)
    lines.add(`o=putEnd(b,o,${member(value, node.before)}.length===0?0:${size},${kept});`)
  else if (last) lines.add(`o=putEnd(b,o,${size},${kept});`)
  else {
    const n = context.source.fresh('n')
    lines.add(`const ${n}=${size};putPad(b,o,${n},${kept});o+=${n};`)
  }
}

function writeFrame(context: WriteContext, name: string, node: Frame, { lines, value, raw }: Scope): void {
  lines.settle()
  const [start, n] = [context.source.fresh('q'), context.source.fresh('n')]
  lines.add(`const ${start}=o;v.setUint16(o,${node.prefix});`)
  lines.add(`o=${context.functionOf(node.body)}(b,v,o+4,${member(value, name)});`)
  lines.add(`const ${n}=o-${start};if(${n}>65535)bad();v.setUint16(${start}+2,${n});`)
  lines.add(`o=putEnd(b,o,-${n}&${node.align - 1},${raw}===undefined?undefined:${member(raw, name)});`)
}
