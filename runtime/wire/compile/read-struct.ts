/** Generates readers of structures: the fields in order, one check of bounds for each run of fields of fixed size. */
import { fixedSize } from '../composites.ts'
import type { Shape, Struct } from '../node.ts'
import { swallows } from './framing.ts'
import { readAlign } from './read-align.ts'
import { readField } from './read-field.ts'
import { enter, leave, newScope, type ReadContext, type Scope } from './read-scope.ts'
import { key, Lines, member } from './source.ts'

/** The body of a function that reads a structure from exactly `[o, end)`. */
export function structBody(context: ReadContext, node: Struct, dispatched: boolean): string {
  const lines = new Lines()
  const value = readStruct(context, node, lines, { dispatched, ensured: 0 })
  if (!swallows(node)) {
    lines.settle()
    lines.add(`if(o<end)(${value}.raw??={}).trailing=copy(b,o,end);`)
  }
  lines.add(`return ${value};`)
  return lines.text.join('\n')
}

/** The body of a function that reads a structure which ends where its fields do. */
export function openStructBody(context: ReadContext, node: Struct): string {
  const lines = new Lines()
  const value = readStruct(context, node, lines, { dispatched: false, ensured: 0, open: true })
  lines.settle()
  lines.add(`cursor.at=o;return ${value};`)
  return lines.text.join('\n')
}

/** Emits the fields of a structure; returns the variable that holds the value. */
export function readStruct(
  context: ReadContext,
  node: Struct,
  lines: Lines,
  how: { dispatched: boolean; ensured: number; open?: boolean },
): string {
  const { source } = context
  const [raw, start, object] = [source.fresh('raw'), source.fresh('s'), source.fresh('x')]
  const scope = newScope(lines, { raw, start }, node.fields, how)
  lines.add(`const ${start}=${lines.at()};let ${raw};`)
  const shown: string[] = []
  const later: string[] = []
  const fields = Object.entries(node.fields)
  for (const [i, [name, field]] of fields.entries()) {
    enter(context, lines, JSON.stringify(name))
    ensure(context, fields.slice(i), scope)
    const last = how.open !== true && i === fields.length - 1
    const value =
      field.kind === 'align'
        ? readAlign(context, name, field, scope, last)
        : readField(context, name, field, scope)
    if (field.kind === 'optional') later.push(`if(${value}!==undefined)${member(object, name)}=${value};`)
    else if (value !== '') shown.push(`${key(name)}:${value}`)
    leave(context, lines)
  }
  lines.add(
    `const ${object}={${shown.join(',')}};${later.join('')}if(${raw}!==undefined)${object}.raw=${raw};`,
  )
  return object
}

/** One check for a run of fields of fixed size. The traced reader checks each, to say which one is cut off. */
export function ensure(
  context: ReadContext,
  fields: readonly (readonly [string, Shape])[],
  scope: Scope,
): void {
  const own = widthOf(fields[0]![1])
  if (own === undefined || own === 0) return
  if (scope.ensured < own) {
    let run = 0
    for (const [, field] of context.traced ? fields.slice(0, 1) : fields) {
      const width = widthOf(field)
      if (width === undefined) break
      run += width
    }
    scope.lines.settle()
    scope.lines.add(`if(end-o<${run})fail("truncated",o,${run},end-o);`)
    scope.ensured = run
  }
  scope.ensured -= own
}

const widthOf = (node: Shape): number | undefined => ('size' in node ? node.size : fixedSize(node))
