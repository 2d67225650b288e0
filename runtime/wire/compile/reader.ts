import { readIpv4, readIpv6, readMac } from '../addresses.ts'
import { describeFailure, type Fail, failFast, Malformed, Stop } from '../failure.ts'
import { cursor } from '../native.ts'
import type { Native, Shape, Struct } from '../node.ts'
import { readText } from '../text.ts'
import { type Candidate, candidatesByWire, splitByWire } from './dispatch.ts'
import { integer } from './expressions.ts'
import { listBody } from './read-list.ts'
import type { ReadContext } from './read-scope.ts'
import { openStructBody, structBody } from './read-struct.ts'
import { Source } from './source.ts'
import { anySet, copy, keep, keepTail } from './support.ts'

/** Reads one value from exactly `[offset, end)`. Stops by exception; see `failure.ts`. */
export type Reader<T> = (bytes: Uint8Array, view: DataView, offset: number, end: number) => T

const parameters = 'b,v,o,end'

/** Generates the reader of a node. The traced one is slower and knows the path to what it cannot read. */
export class ReaderCompiler implements ReadContext {
  readonly source = new Source()
  readonly traced: boolean
  readonly #path: (string | number)[] = []
  readonly #natives = new Map<Native, Native['read']>()

  constructor(traced: boolean) {
    this.traced = traced
  }

  /** The reader of a union or structure that fills its region. */
  compile<T>(node: Shape): Reader<T> {
    const entry = this.functionOf(node)
    const fail: Fail = this.traced ? this.#failTraced : failFast
    const helpers = { readMac, readIpv4, readIpv6, readText, copy, keep, keepTail, anySet }
    const begin = `depth=0;${this.traced ? 'path.length=0;' : ''}`
    return this.source.link(
      { ...helpers, fail, cursor, path: this.#path },
      `let depth=0;const none=Object.freeze([]);`,
      `function(${parameters}){${begin}return ${entry}(${parameters})}`,
    )
  }

  functionOf(node: Shape): string {
    switch (node.kind) {
      case 'union':
        return this.source.functionOf(
          node,
          'union',
          parameters,
          () => `${this.#tree(candidatesByWire(node.variants))}\nfail("variant",o,0,0);`,
        )
      case 'struct':
        return this.#structFunction(node, false)
      case 'list':
        return this.source.functionOf(node, 'list', parameters, () => listBody(this, node))
      case 'lazy':
        return this.functionOf(node.get())
      case 'native':
        return this.source.constant(this.traced ? this.#tracedNative(node) : node.read)
      default:
        throw new Error(`no function for ${node.kind}`)
    }
  }

  openStruct(node: Struct): string {
    return this.source.functionOf(node.fields, 'struct', parameters, () => openStructBody(this, node))
  }

  #structFunction(node: Struct, dispatched: boolean): string {
    return this.source.functionOf(node, 'struct', parameters, () => structBody(this, node, dispatched))
  }

  /** A tree of switches over the constants of the variants; what matches nothing falls through to the others. */
  #tree(candidates: readonly Candidate[]): string {
    const parts = splitByWire(candidates)
    if (parts === undefined) {
      const struct = candidates[0]?.struct
      return struct === undefined ? '' : `return ${this.#structFunction(struct, true)}(${parameters});`
    }
    const { offset, constant } = parts.mark
    const cases = [...parts.groups].map(([value, group]) => `case ${value}:${this.#tree(group)}break;`)
    const choice = `switch(${integer(constant.size, `o+${offset}`)}){${cases.join('\n')}}`
    return `if(end-o>=${offset + constant.size})${choice}\n${this.#tree(parts.others)}`
  }

  /** A native reader that says where it is. */
  #tracedNative(node: Native): Native['read'] {
    const known = this.#natives.get(node)
    if (known) return known
    const read: Native['read'] = (b, v, o, end) => {
      try {
        return node.read(b, v, o, end)
      } catch (error) {
        if (!(error instanceof Stop)) throw error
        if (error.index !== undefined) this.#path.push(error.index)
        return this.#failTraced(error.reason, error.offset, error.expected, error.received)
      }
    }
    this.#natives.set(node, read)
    return read
  }

  readonly #failTraced: Fail = (reason, offset, expected, received) => {
    const path = this.#path.reduce<string>(
      (text, part) =>
        typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`,
      '',
    )
    throw new Malformed(describeFailure(path, reason, offset, expected, received))
  }
}
