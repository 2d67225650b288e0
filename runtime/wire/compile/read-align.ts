import type { Align } from '../node.ts'
import { alignment } from './expressions.ts'
import { type ReadContext, type Scope, take } from './read-scope.ts'

/** Emits zeros up to an alignment; what is not as it should be is kept. As a last field it takes all that is left. */
export function readAlign(
  context: ReadContext,
  name: string,
  node: Align,
  scope: Scope,
  last: boolean,
): string {
  const { lines, raw, start } = scope
  lines.settle()
  const size = take(context, lines, 0, alignment(node, start))
  const end = take(context, lines, 0, endOf(node, size, last))
  if (!last && node.before === undefined) lines.add(`if(end-o<${size})fail("truncated",o,${size},end-o);`)
  const all = `${end}-o===${size}`
  const usual = node.before === undefined ? all : `(${end}===o||${all}&&${end}!==end)`
  const keeps = `${raw}=keep(${raw},${JSON.stringify(name)},b,o,${end});`
  lines.add(`if(!(${usual})||anySet(b,o,${end}))${keeps}o=${end};`)
  scope.ensured = 0
  return ''
}

function endOf(node: Align, size: string, last: boolean): string {
  if (last) return 'end'
  return node.before === undefined ? `o+${size}` : `end-o<=${size}?end:o+${size}`
}
