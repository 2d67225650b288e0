/** Generates writers of structures: the fields in order, lengths filled in once they are known. */
import type { Struct } from '../node.ts'
import { ownLengthOf } from './framing.ts'
import { Lines } from './source.ts'
import { writeAlign, writeField } from './write-field.ts'
import type { Scope, WriteContext } from './write-scope.ts'

/** The body of a function that writes the structure `x`. */
export function structBody(context: WriteContext, node: Struct): string {
  const lines = new Lines()
  lines.add('const s=o;')
  writeStruct(context, node, { value: 'x', raw: 'raw', start: 's', lines })
  lines.settle()
  lines.add('if(raw!==undefined&&raw.trailing!==undefined)o=putEnd(b,o,0,raw.trailing);')
  const length = ownLengthOf(node)
  if (length) {
    lines.add(`const n=o-s;if(n>${2 ** (8 * length.size) - 1})bad();`)
    lines.add(length.size === 1 ? `b[s+${length.offset}]=n;` : `v.setUint16(s+${length.offset},n);`)
    if (node.outerAlign > 1)
      lines.add(`o=putEnd(b,o,-n&${node.outerAlign - 1},raw===undefined?undefined:raw.padding);`)
  }
  lines.add('return o;')
  return lines.text.join('\n')
}

export function writeStruct(
  context: WriteContext,
  node: Struct,
  names: Pick<Scope, 'value' | 'raw' | 'start' | 'lines'>,
): void {
  const { lines, value, raw } = names
  lines.add(`const ${raw}=${value}.raw;`)
  const scope: Scope = { ...names, lengths: new Map(), flags: new Map() }
  const fields = Object.entries(node.fields)
  for (const [i, [name, field]] of fields.entries()) {
    if (field.kind === 'flags') scope.flags.set(name, field.bits)
    if (field.kind === 'align') writeAlign(context, name, field, scope, i === fields.length - 1)
    else writeField(context, name, field, scope)
  }
}
