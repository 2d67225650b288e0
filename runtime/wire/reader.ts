import { readIpv4, readIpv6, readMac } from './addresses.ts'
import { fills, fixedSize } from './composites.ts'
import { type Candidate, candidatesByWire, splitByWire } from './dispatch.ts'
import { describeFailure, type Fail, failFast, Malformed, Stop } from './failure.ts'
import { framingOf, swallows } from './framing.ts'
import type { Codes } from './names.ts'
import { compared_names_max } from './names.ts'
import { cursor } from './native.ts'
import type { Align, Int, List, Native, Optional, Presence, Shape, Struct, Union } from './node.ts'
import { key, Lines, member, Source } from './source.ts'
import { anySet, copy, keep, keepTail } from './support.ts'
import { readText } from './text.ts'

/** Reads one value from exactly `[offset, end)`. Stops by exception; see `failure.ts`. */
export type Reader<T> = (bytes: Uint8Array, view: DataView, offset: number, end: number) => T

/** Actions in actions, messages in messages. The same as Open vSwitch's own limit for nested actions. */
export const nesting_depth_max = 100

/** What the fields of one structure share while it is generated. */
interface Scope {
  readonly lines: Lines
  /** The variable that holds the structure's raw bytes. */
  readonly raw: string
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

export class ReaderCompiler {
  readonly #source = new Source()
  readonly #traced: boolean
  readonly #path: (string | number)[] = []
  readonly #natives = new Map<Native, Native['read']>()

  constructor(traced: boolean) {
    this.#traced = traced
  }

  /** The reader of a union or structure that fills its region. */
  compile<T>(node: Shape): Reader<T> {
    const entry = this.#functionOf(node)
    const fail: Fail = this.#traced ? this.#failTraced : failFast
    const scope = {
      readMac,
      readIpv4,
      readIpv6,
      readText,
      copy,
      keep,
      keepTail,
      anySet,
      fail,
      cursor,
      path: this.#path,
    }
    const result = `function(b,v,o,end){depth=0;${this.#traced ? 'path.length=0;' : ''}return ${entry}(b,v,o,end)}`
    return this.#source.link(scope, `let depth=0;const none=Object.freeze([]);`, result)
  }

  readonly #failTraced: Fail = (reason, offset, expected, received) => {
    const path = this.#path.reduce<string>(
      (text, part) =>
        typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`,
      '',
    )
    throw new Malformed(describeFailure(path, reason, offset, expected, received))
  }

  #enter(lines: Lines, name: string): void {
    if (this.#traced) lines.add(`path.push(${name});`)
  }
  #leave(lines: Lines): void {
    if (this.#traced) lines.add('path.pop();')
  }

  #functionOf(node: Shape): string {
    const parameters = 'b,v,o,end'
    switch (node.kind) {
      case 'union':
        return this.#source.functionOf(node, 'union', parameters, () => this.#union(node))
      case 'struct':
        return this.#source.functionOf(node, 'struct', parameters, () => this.#structBody(node, false))
      case 'list':
        return this.#source.functionOf(node, 'list', parameters, () => this.#listBody(node))
      case 'lazy':
        return this.#functionOf(node.get())
      case 'native':
        return this.#source.constant(this.#traced ? this.#tracedNative(node) : node.read)
      default:
        throw new Error(`no function for ${node.kind}`)
    }
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

  #union(node: Union): string {
    return `${this.#tree(candidatesByWire(node.variants))}\nfail("variant",o,0,0);`
  }

  /** A tree of switches over the constants of the variants; what matches nothing falls through to the others. */
  #tree(candidates: readonly Candidate[]): string {
    const parts = splitByWire(candidates)
    if (parts === undefined) {
      const struct = candidates[0]?.struct
      if (struct === undefined) return ''
      const name = this.#source.functionOf(struct, 'struct', 'b,v,o,end', () =>
        this.#structBody(struct, true),
      )
      return `return ${name}(b,v,o,end);`
    }
    const { mark, groups, others } = parts
    const { size } = mark.constant
    const at = mark.offset === 0 ? 'o' : `o+${mark.offset}`
    const cases = [...groups].map(([value, group]) => `case ${value}:${this.#tree(group)}break;`)
    const choice = `switch(${integer(size, at)}){${cases.join('\n')}}`
    return `if(end-o>=${mark.offset + size})${choice}\n${this.#tree(others)}`
  }

  #structBody(node: Struct, dispatched: boolean): string {
    const lines = new Lines()
    const value = this.#struct(node, lines, dispatched)
    if (!swallows(node)) {
      lines.settle()
      lines.add(`if(o<end)(${value}.raw??={}).trailing=copy(b,o,end);`)
    }
    lines.add(`return ${value};`)
    return lines.text.join('\n')
  }

  /** A structure that ends where its fields do, and says where that is. */
  #openStruct(node: Struct): string {
    return this.#source.functionOf(node.fields, 'struct', 'b,v,o,end', () => {
      const lines = new Lines()
      const value = this.#struct(node, lines, false, 0, true)
      lines.settle()
      lines.add(`cursor.at=o;return ${value};`)
      return lines.text.join('\n')
    })
  }

  /** Emits the fields of a structure; returns the variable that holds the value. */
  #struct(node: Struct, lines: Lines, dispatched: boolean, ensured = 0, open = false): string {
    const raw = this.#source.fresh('raw')
    const scope = newScope(lines, raw, ensured, dispatched, askedFor(node))
    const start = this.#source.fresh('s')
    lines.add(`const ${start}=${lines.at()};let ${raw};`)
    const object = this.#source.fresh('x')
    const shown: string[] = []
    const later: string[] = []
    const fields = Object.entries(node.fields)
    for (const [i, [name, field]] of fields.entries()) {
      this.#enter(lines, JSON.stringify(name))
      this.#ensure(fields.slice(i), scope)
      const last = !open && i === fields.length - 1
      const value =
        field.kind === 'align'
          ? this.#align(name, field, start, last, scope)
          : this.#field(name, field, scope)
      if (field.kind === 'optional') later.push(`if(${value}!==undefined)${member(object, name)}=${value};`)
      else if (value !== '') shown.push(`${key(name)}:${value}`)
      this.#leave(lines)
    }
    lines.add(
      `const ${object}={${shown.join(',')}};${later.join('')}if(${raw}!==undefined)${object}.raw=${raw};`,
    )
    return object
  }

  /** One check for a run of fields of fixed size. The traced reader checks each, to say which one is cut off. */
  #ensure(fields: readonly (readonly [string, Shape])[], scope: Scope): void {
    const own = widthOf(fields[0]![1])
    if (own === undefined || own === 0) return
    if (scope.ensured < own) {
      let run = 0
      for (const [, field] of this.#traced ? fields.slice(0, 1) : fields) {
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

  /** Emits one field; returns the expression of its value, or nothing where it has none. */
  #field(name: string, node: Shape, scope: Scope): string {
    const { lines } = scope
    switch (node.kind) {
      case 'pad': {
        const at = lines.at()
        lines.add(
          `if(${isSet(node.size, lines)})${scope.raw}=keep(${scope.raw},${JSON.stringify(name)},b,${at},${at}+${node.size});`,
        )
        lines.ahead += node.size
        return ''
      }
      case 'constant': {
        if (!scope.dispatched) {
          const got = integer(node.size, lines.at())
          lines.add(`if(${got}!==${node.value})fail("constant",${lines.at()},${node.value},${got});`)
        }
        lines.ahead += node.size
        return node.shown === undefined ? '' : JSON.stringify(node.shown)
      }
      case 'length':
      case 'count': {
        const value = this.#take(node.size, integer(node.size, lines.at()), lines)
        if (node.of !== undefined) (node.kind === 'count' ? scope.counts : scope.lengths).set(node.of, value)
        return ''
      }
      case 'text': {
        const at = lines.at()
        lines.add(`${scope.raw}=keepTail(${scope.raw},${JSON.stringify(name)},b,${at},${node.size});`)
        return this.#take(node.size, `readText(b,${at},${node.size})`, lines)
      }
      case 'frame':
        return this.#frame(name, node, scope)
      case 'presence':
        return this.#presence(name, node, scope)
      case 'optional':
        return this.#optional(name, node, scope)
      case 'flags': {
        const value = this.#fixed(node, scope)
        if (!scope.asked.has(name)) return value
        const word = this.#take(0, integer(node.size, `${lines.at()}-${node.size}`), lines)
        scope.words.set(name, word)
        return value
      }
      default:
        return fixedSize(node) !== undefined ? this.#fixed(node, scope) : this.#variable(name, node, scope)
    }
  }

  #take(size: number, expression: string, lines: Lines): string {
    const value = this.#source.fresh('t')
    lines.add(`const ${value}=${expression};`)
    lines.ahead += size
    return value
  }

  #fixed(node: Shape, { lines }: Scope): string {
    const at = lines.at()
    switch (node.kind) {
      case 'int':
        return this.#take(node.size, integer(node.size, at), lines)
      case 'mac':
        return this.#take(6, `readMac(b,${at})`, lines)
      case 'ipv4':
        return this.#take(4, `readIpv4(b,${at})`, lines)
      case 'ipv6':
        return this.#take(16, `readIpv6(b,${at})`, lines)
      case 'bytes':
        return this.#take(node.size, `copy(b,${at},${at}+${node.size})`, lines)
      case 'enum': {
        const value = this.#take(node.size, integer(node.size, at), lines)
        return this.#take(0, this.#nameOf(node.codes, value), lines)
      }
      case 'flags': {
        const value = this.#take(node.size, integer(node.size, at), lines)
        return this.#take(0, `${value}===0?none:${this.#source.constant(node.bits)}.read(${value})`, lines)
      }
      case 'bits': {
        const value = this.#take(node.size, integer(node.size, at), lines)
        const parts = Object.entries(node.parts).map(
          ([name, [shift, width, plus = 0]]) =>
            `${key(name)}:(${value}>>>${shift}&${2 ** width - 1})+${plus}`,
        )
        return this.#take(0, `{${parts.join(',')}}`, lines)
      }
      case 'struct':
        return this.#struct(node, lines, false, fixedSize(node))
      default:
        throw new Error(`${node.kind} has no fixed size`)
    }
  }

  #presence(name: string, node: Presence, { lines, raw, present }: Scope): string {
    const at = lines.at()
    const word = this.#take(node.size, integer(node.size, at), lines)
    const known = Object.values(node.of).reduce((all, bit) => all | bit, 0)
    lines.add(
      `if((${word}&~${known})!==0)${raw}=keep(${raw},${JSON.stringify(name)},b,${at},${at}+${node.size});`,
    )
    for (const [field, bit] of Object.entries(node.of)) present.set(field, `(${word}&${bit})!==0`)
    return ''
  }

  #optional(name: string, node: Optional, scope: Scope): string {
    const { lines } = scope
    const { when } = node
    lines.settle()
    const value = this.#source.fresh('t')
    const condition = when ? `(${scope.words.get(when.field)}&${when.bit})!==0` : scope.present.get(name)
    lines.add(`let ${value};if(${condition}){`)
    scope.ensured = 0
    this.#ensure([[name, node.node]], scope)
    const inner = this.#field(name, node.node, scope)
    lines.settle()
    scope.ensured = 0
    lines.add(`${value}=${inner};}`)
    return value
  }

  /** An expression for the name of a number: an array where names are dense, comparisons where they are few. */
  #nameOf(codes: Codes, value: string): string {
    const names = [...codes.byValue].sort(([a], [b]) => a - b)
    if (names.every(([code], i) => code === i))
      return `${value}<${names.length}?${this.#source.constant(codes.dense)}[${value}]:${value}`
    if (names.length > compared_names_max)
      return `${value}<${codes.first}?${value}:${this.#source.constant(codes.byValue)}.get(${value})??${value}`
    const chain = names.map(([code, name]) => `${value}===${code}?${JSON.stringify(name)}:`).join('')
    return `${value}<${codes.first}?${value}:${chain}${value}`
  }

  /** The variable that holds where the region of a field ends. */
  #region(name: string, node: Shape, { lines, lengths, counts }: Scope): string {
    const length = lengths.get(name)
    const count = counts.get(name)
    if (length === undefined && count === undefined) return 'end'
    const bytes = length ?? `${count}*${fixedSize((node as List).element)}`
    lines.add(`if(${bytes}>end-o)fail("length",o,end-o,${bytes});`)
    return this.#take(0, `o+${bytes}`, lines)
  }

  #variable(name: string, node: Shape, scope: Scope): string {
    const { lines } = scope
    lines.settle()
    if (node.kind === 'struct') return this.#struct(node, lines, false)
    if (node.kind === 'lazy')
      lines.add(`if(++depth>${nesting_depth_max})fail("depth",o,${nesting_depth_max},0);`)
    const framing = fills(node) ? undefined : framingOf(node)
    const end = framing
      ? this.#elementEnd(framing.offset, framing.size, lines)
      : this.#region(name, node, scope)
    const call = node.kind === 'rest' ? `copy(b,o,${end})` : `${this.#functionOf(node)}(b,v,o,${end})`
    const value = this.#take(0, call, lines)
    if (node.kind === 'lazy') lines.add('depth--;')
    const cursorMoves = !fills(node) && framing === undefined
    lines.add(cursorMoves ? 'o=cursor.at;' : `o=${end};`)
    scope.ensured = 0
    return value
  }

  /** Emits the checks of an element's own length; returns the variable that holds its end. */
  #elementEnd(offset: number, size: 1 | 2, lines: Lines): string {
    const head = offset + size
    const length = this.#source.fresh('n')
    lines.add(`if(end-o<${head})fail("truncated",o,${head},end-o);`)
    lines.add(`const ${length}=${integer(size, `o+${offset}`)};`)
    lines.add(`if(${length}<${head}||${length}>end-o)fail("length",o+${offset},end-o,${length});`)
    return this.#take(0, `o+${length}`, lines)
  }

  #align(name: string, node: Align, start: string, last: boolean, { lines, raw }: Scope): string {
    lines.settle()
    const size = this.#take(0, alignment(node, start), lines)
    const all = last || (node.before !== undefined && `end-o<=${size}`)
    const end = this.#take(0, all === true ? 'end' : all ? `${all}?end:o+${size}` : `o+${size}`, lines)
    if (!all) lines.add(`if(end-o<${size})fail("truncated",o,${size},end-o);`)
    const usual =
      node.before === undefined ? `${end}-o===${size}` : `(${end}===o||${end}-o===${size}&&${end}!==end)`
    lines.add(
      `if(!(${usual})||anySet(b,o,${end}))${raw}=keep(${raw},${JSON.stringify(name)},b,o,${end});o=${end};`,
    )
    return ''
  }

  #frame(name: string, node: Extract<Shape, { kind: 'frame' }>, scope: Scope): string {
    const { lines, raw } = scope
    lines.settle()
    const [length, stop] = [this.#source.fresh('n'), this.#source.fresh('e')]
    lines.add(`if(end-o<4)fail("truncated",o,4,end-o);`)
    lines.add(`if(v.getUint16(o)!==${node.prefix})fail("constant",o,${node.prefix},v.getUint16(o));`)
    lines.add(
      `const ${length}=v.getUint16(o+2);if(${length}<4||${length}>end-o)fail("length",o+2,end-o,${length});`,
    )
    const value = this.#take(0, `${this.#functionOf(node.body)}(b,v,o+4,o+${length})`, lines)
    const full = `o+(${length}+${node.align - 1}&-${node.align})`
    lines.add(`const ${stop}=${full}>end?end:${full};`)
    lines.add(
      `if(${full}>end||anySet(b,o+${length},${stop}))${raw}=keep(${raw},${JSON.stringify(name)},b,o+${length},${stop});o=${stop};`,
    )
    scope.ensured = 0
    return value
  }

  #listBody(node: List): string {
    const lines = new Lines()
    lines.add('const a=[];')
    lines.add('while(o<end){')
    if (node.lenient) this.#stopEarly(node, lines)
    this.#enter(lines, 'a.length')
    const framing = framingOf(node.element)
    if (framing) this.#framedElement(node, framing, lines)
    else this.#plainElement(node, lines)
    this.#leave(lines)
    lines.add(`}${node.lenient ? 'cursor.at=o;' : ''}return a;`)
    return lines.text.join('\n')
  }

  #stopEarly(node: List, lines: Lines): void {
    const framing = framingOf(node.element)
    if (framing === undefined) throw new Error('only elements with lengths can be lenient')
    const head = framing.offset + framing.size
    lines.add(`if(end-o<${head})break;`)
    const length = integer(framing.size, `o+${framing.offset}`)
    lines.add(`if(${length}<${head}||${length}>end-o)break;`)
  }

  #framedElement(
    node: List,
    framing: { offset: number; size: 1 | 2; outerAlign: number },
    lines: Lines,
  ): void {
    const end = this.#elementEnd(framing.offset, framing.size, lines)
    lines.add(`const x=${this.#functionOf(node.element)}(b,v,o,${end});a.push(x);`)
    if (framing.outerAlign > 1) {
      const full = this.#take(0, `o+(${end}-o+${framing.outerAlign - 1}&-${framing.outerAlign})`, lines)
      const stop = this.#take(0, `${full}>end?end:${full}`, lines)
      lines.add(
        `if(${full}>end||anySet(b,${end},${stop}))x.raw=keep(x.raw,"padding",b,${end},${stop});o=${stop};`,
      )
    } else lines.add(`o=${end};`)
  }

  #plainElement(node: List, lines: Lines): void {
    const size = fixedSize(node.element)
    if (size === undefined) {
      const name =
        node.element.kind === 'struct' ? this.#openStruct(node.element) : this.#functionOf(node.element)
      lines.add(`a.push(${name}(b,v,o,end));o=cursor.at;`)
      return
    }
    lines.add(`if(end-o<${size})fail("truncated",o,${size},end-o);`)
    if (node.element.kind === 'struct') {
      lines.add(`a.push(${this.#functionOf(node.element)}(b,v,o,o+${size}));o+=${size};`)
      return
    }
    const scope = newScope(lines, 'undefined', size, false, new Set())
    lines.add(`a.push(${this.#fixed(node.element, scope)});`)
    lines.settle()
  }
}

const askedFor = (node: Struct): ReadonlySet<string> =>
  new Set(
    Object.values(node.fields).flatMap((field) =>
      field.kind === 'optional' && field.when ? [field.when.field] : [],
    ),
  )

const newScope = (
  lines: Lines,
  raw: string,
  ensured: number,
  dispatched: boolean,
  asked: ReadonlySet<string>,
): Scope => ({
  asked,
  lines,
  raw,
  lengths: new Map(),
  counts: new Map(),
  words: new Map(),
  present: new Map(),
  ensured,
  dispatched,
})

/** The bytes of a field whose size is known, for run checks. */
function widthOf(node: Shape): number | undefined {
  return 'size' in node ? node.size : fixedSize(node)
}

/** The number of zeros that an alignment asks for. */
function alignment({ to, least }: Align, start: string): string {
  const zeros = `-(o-${start})&${to - 1}`
  return least === 0 ? zeros : `Math.max(${zeros},${least}-(o-${start}))`
}

function integer(size: Int['size'], at: string): string {
  switch (size) {
    case 1:
      return `b[${at}]`
    case 2:
      return `v.getUint16(${at})`
    case 3:
      return `(b[${at}]<<16|v.getUint16(${at}+1))`
    case 4:
      return `v.getUint32(${at})`
    case 8:
      return `v.getBigUint64(${at})`
    case 16:
      return `(v.getBigUint64(${at})<<64n|v.getBigUint64(${at}+8))`
  }
}

/** An expression that is true where one of the next bytes is not zero. */
function isSet(size: number, lines: Lines): string {
  if (size > 16) return `anySet(b,${lines.at()},${lines.at(size)})`
  const words: string[] = []
  let done = 0
  for (const [width, get] of [
    [4, 'v.getUint32'],
    [2, 'v.getUint16'],
  ] as const)
    for (; size - done >= width; done += width) words.push(`${get}(${lines.at(done)})`)
  if (done < size) words.push(`b[${lines.at(done)}]`)
  return words.length === 1 ? `${words[0]}!==0` : `(${words.join('|')})!==0`
}
