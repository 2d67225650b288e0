/** Generates the reading of one field: an expression for its value, after the statements that it needs. */
import { fixedSize } from '../composites.ts'
import type { Optional, Padding, Presence, Shape } from '../node.ts'
import { integer, isSet, nameOf } from './expressions.ts'
import { type ReadContext, type Scope, take } from './read-scope.ts'
import { ensure, readStruct } from './read-struct.ts'
import { readFrame, readVariable } from './read-variable.ts'
import { key } from './source.ts'

/** Emits one field; returns the expression of its value, or nothing where it has none. */
export function readField(context: ReadContext, name: string, node: Shape, scope: Scope): string {
  const { lines } = scope
  switch (node.kind) {
    case 'pad':
      return readPad(name, node, scope)
    case 'constant': {
      const got = integer(node.size, lines.at())
      if (!scope.dispatched)
        lines.add(`if(${got}!==${node.value})fail("constant",${lines.at()},${node.value},${got});`)
      lines.ahead += node.size
      return node.shown === undefined ? '' : JSON.stringify(node.shown)
    }
    case 'length':
    case 'count': {
      const value = take(context, lines, node.size, integer(node.size, lines.at()))
      if (node.of !== undefined) (node.kind === 'count' ? scope.counts : scope.lengths).set(node.of, value)
      return ''
    }
    case 'text': {
      const at = lines.at()
      lines.add(`${scope.raw}=keepTail(${scope.raw},${JSON.stringify(name)},b,${at},${node.size});`)
      return take(context, lines, node.size, `readText(b,${at},${node.size})`)
    }
    case 'frame':
      return readFrame(context, name, node, scope)
    case 'presence':
      return readPresence(context, name, node, scope)
    case 'optional':
      return readOptional(context, name, node, scope)
    default:
      if (fixedSize(node) === undefined) return readVariable(context, name, node, scope)
      if (node.kind === 'flags' && scope.asked.has(name))
        scope.words.set(name, take(context, lines, 0, integer(node.size, lines.at())))
      return readFixed(context, node, scope)
  }
}

function readPad(name: string, node: Padding, { lines, raw }: Scope): string {
  const at = lines.at()
  const keeps = `${raw}=keep(${raw},${JSON.stringify(name)},b,${at},${at}+${node.size});`
  lines.add(`if(${isSet(node.size, lines)})${keeps}`)
  lines.ahead += node.size
  return ''
}

/** Emits a value that always has the same size. */
export function readFixed(context: ReadContext, node: Shape, { lines }: Pick<Scope, 'lines'>): string {
  const at = lines.at()
  const word = (size: number) => take(context, lines, size, integer(size, at))
  switch (node.kind) {
    case 'int':
      return word(node.size)
    case 'mac':
      return take(context, lines, 6, `readMac(b,${at})`)
    case 'ipv4':
      return take(context, lines, 4, `readIpv4(b,${at})`)
    case 'ipv6':
      return take(context, lines, 16, `readIpv6(b,${at})`)
    case 'bytes':
      return take(context, lines, node.size, `copy(b,${at},${at}+${node.size})`)
    case 'enum':
      return take(context, lines, 0, nameOf(node.codes, word(node.size), context.source))
    case 'flags': {
      const value = word(node.size)
      return take(context, lines, 0, `${value}===0?none:${context.source.constant(node.bits)}.read(${value})`)
    }
    case 'bits': {
      const value = word(node.size)
      const parts = Object.entries(node.parts).map(
        ([part, [shift, width, plus = 0]]) => `${key(part)}:(${value}>>>${shift}&${2 ** width - 1})+${plus}`,
      )
      return take(context, lines, 0, `{${parts.join(',')}}`)
    }
    case 'struct':
      return readStruct(context, node, lines, { dispatched: false, ensured: fixedSize(node)! })
    default:
      throw new Error(`${node.kind} has no fixed size`)
  }
}

function readPresence(context: ReadContext, name: string, node: Presence, scope: Scope): string {
  const { lines, raw, present } = scope
  const at = lines.at()
  const word = take(context, lines, node.size, integer(node.size, at))
  const known = Object.values(node.of).reduce((all, bit) => all | bit, 0)
  const keeps = `${raw}=keep(${raw},${JSON.stringify(name)},b,${at},${at}+${node.size});`
  lines.add(`if((${word}&~${known})!==0)${keeps}`)
  for (const [field, bit] of Object.entries(node.of)) present.set(field, `(${word}&${bit})!==0`)
  return ''
}

function readOptional(context: ReadContext, name: string, node: Optional, scope: Scope): string {
  const { lines, words, present } = scope
  const { when } = node
  lines.settle()
  const value = context.source.fresh('t')
  const condition = when ? `(${words.get(when.field)}&${when.bit})!==0` : present.get(name)
  lines.add(`let ${value};if(${condition}){`)
  scope.ensured = 0
  ensure(context, [[name, node.node]], scope)
  const inner = readField(context, name, node.node, scope)
  lines.settle()
  scope.ensured = 0
  lines.add(`${value}=${inner};}`)
  return value
}
