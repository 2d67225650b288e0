import { writeIpv4, writeIpv6, writeMac } from '../addresses.ts'
import { fixedSize } from '../composites.ts'
import { failFast } from '../failure.ts'
import type { Shape } from '../node.ts'
import { writeText } from '../text.ts'
import { type Candidate, candidatesByValue, splitByValue } from './dispatch.ts'
import { Lines, member, Source } from './source.ts'
import { putEnd, putPad, putTail } from './support.ts'
import { writeFixed } from './write-fixed.ts'
import type { WriteContext } from './write-scope.ts'
import { structBody } from './write-struct.ts'

/** Writes a value and returns the offset behind it. Stops by exception where the value is none. */
export type Writer = (bytes: Uint8Array, view: DataView, offset: number, value: unknown) => number

const parameters = 'b,v,o,x'

/** Generates the writer of a node. */
export class WriterCompiler implements WriteContext {
  readonly source = new Source()

  compile(node: Shape): Writer {
    const entry = this.functionOf(node)
    const bad = () => failFast('field', 0, 0, 0)
    const helpers = { writeMac, writeIpv4, writeIpv6, writeText, putPad, putEnd, putTail, bad }
    return this.source.link(helpers, '', entry)
  }

  functionOf(node: Shape): string {
    switch (node.kind) {
      case 'union':
        return this.source.functionOf(
          node,
          'union',
          parameters,
          () => `${this.#tree(candidatesByValue(node.variants))}bad();`,
        )
      case 'struct':
        return this.source.functionOf(node, 'struct', parameters, () => structBody(this, node))
      case 'list':
        return this.source.functionOf(node, 'list', parameters, () => this.#listBody(node.element))
      case 'lazy':
        return this.functionOf(node.get())
      case 'native':
        return this.source.constant(node.write)
      default:
        throw new Error(`no function for ${node.kind}`)
    }
  }

  /** A tree of switches over the names that the value shows. */
  #tree(candidates: readonly Candidate[]): string {
    const parts = splitByValue(candidates)
    if (parts === undefined) {
      const struct = candidates[0]?.struct
      return struct === undefined ? '' : `return ${this.functionOf(struct)}(${parameters});`
    }
    const cases = [...parts.groups].map(
      ([value, group]) => `case ${JSON.stringify(value)}:${this.#tree(group)}break;`,
    )
    return `switch(${member('x', parts.mark.name)}){${cases.join('\n')}}\n${this.#tree(parts.others)}`
  }

  #listBody(element: Shape): string {
    const lines = new Lines()
    lines.add('for(let i=0;i<x.length;i++){')
    if (fixedSize(element) !== undefined && element.kind !== 'struct') {
      writeFixed(this, element, 'x[i]', lines)
      lines.settle()
    } else lines.add(`o=${this.functionOf(element)}(b,v,o,x[i]);`)
    lines.add('}return o;')
    return lines.text.join('\n')
  }
}
