import { writeIpv4, writeIpv6, writeMac } from './addresses.ts'
import { fixedSize } from './composites.ts'
import { type Candidate, candidatesByValue, splitByValue } from './dispatch.ts'
import { failFast } from './failure.ts'
import { ownLengthOf } from './framing.ts'
import { type Codes, compared_names_max, type NamedBits } from './names.ts'
import type { Align, Optional, Presence, Shape, Struct, Union } from './node.ts'
import { Lines, member, Source } from './source.ts'
import { putEnd, putPad, putTail } from './support.ts'
import { writeText } from './text.ts'

/** Writes a value and returns the offset behind it. Stops by exception where the value is none. */
export type Writer = (bytes: Uint8Array, view: DataView, offset: number, value: unknown) => number

interface Scope {
  readonly lines: Lines
  readonly value: string
  readonly raw: string
  /** Where the lengths of fields are to be written. */
  readonly lengths: Map<string, { at: string; size: 1 | 2 }>
  /** How fields of flags are written. */
  readonly flags: Map<string, NamedBits>
}

export class WriterCompiler {
  readonly #source = new Source()

  compile(node: Shape): Writer {
    const entry = this.#functionOf(node)
    const bad = () => failFast('field', 0, 0, 0)
    const scope = { writeMac, writeIpv4, writeIpv6, writeText, putPad, putEnd, putTail, bad }
    return this.#source.link(scope, '', entry)
  }

  #functionOf(node: Shape): string {
    const parameters = 'b,v,o,x'
    switch (node.kind) {
      case 'union':
        return this.#source.functionOf(node, 'union', parameters, () => this.#union(node))
      case 'struct':
        return this.#source.functionOf(node, 'struct', parameters, () => this.#structBody(node))
      case 'list':
        return this.#source.functionOf(node, 'list', parameters, () => this.#listBody(node.element))
      case 'lazy':
        return this.#functionOf(node.get())
      case 'native':
        return this.#source.constant(node.write)
      default:
        throw new Error(`no function for ${node.kind}`)
    }
  }

  #union(node: Union): string {
    return `${this.#tree(candidatesByValue(node.variants))}bad();`
  }

  #tree(candidates: readonly Candidate[]): string {
    const parts = splitByValue(candidates)
    if (parts === undefined) {
      const struct = candidates[0]?.struct
      return struct === undefined ? '' : `return ${this.#functionOf(struct)}(b,v,o,x);`
    }
    const cases = [...parts.groups].map(
      ([value, group]) => `case ${JSON.stringify(value)}:${this.#tree(group)}break;`,
    )
    return `switch(${member('x', parts.mark.name)}){${cases.join('\n')}}\n${this.#tree(parts.others)}`
  }

  #structBody(node: Struct): string {
    const lines = new Lines()
    lines.add('const s=o;')
    this.#struct(node, 'x', 's', lines)
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

  #struct(node: Struct, value: string, start: string, lines: Lines): void {
    const raw = value === 'x' ? 'raw' : this.#source.fresh('raw')
    lines.add(`const ${raw}=${value}.raw;`)
    const scope: Scope = { lines, value, raw, lengths: new Map(), flags: new Map() }
    const fields = Object.entries(node.fields)
    for (const [i, [name, field]] of fields.entries()) {
      if (field.kind === 'flags') scope.flags.set(name, field.bits)
      if (field.kind === 'align') this.#align(name, field, start, i === fields.length - 1, scope)
      else this.#field(name, field, scope)
    }
  }

  #field(name: string, node: Shape, scope: Scope): void {
    const { lines, value, raw } = scope
    const at = lines.at()
    const mine = member(value, name)
    const kept = member(raw, name)
    switch (node.kind) {
      case 'pad':
        lines.add(
          `if(${raw}===undefined){${zeros(node.size, lines)}}else putPad(b,${at},${node.size},${kept});`,
        )
        lines.ahead += node.size
        return
      case 'text':
        lines.add(
          `writeText(b,${at},${node.size},${mine});if(${raw}!==undefined)putTail(b,${at},${node.size},${kept});`,
        )
        lines.ahead += node.size
        return
      case 'constant':
        lines.add(`${store(node.size, at, String(node.value))};`)
        lines.ahead += node.size
        return
      case 'count':
        lines.add(
          `if(${member(value, node.of)}.length>65535)bad();${store(2, at, `${member(value, node.of)}.length`)};`,
        )
        lines.ahead += 2
        return
      case 'length':
        this.#length(node.of, node.size, scope)
        return
      case 'struct':
        this.#nested(node, mine, lines)
        return
      case 'frame':
        this.#frame(name, node, scope)
        return
      case 'presence':
        this.#presence(name, node, scope)
        return
      case 'optional':
        this.#optional(name, node, scope)
        return
      default:
        if (fixedSize(node) !== undefined) this.#fixed(node, mine, lines)
        else this.#variable(name, node, scope)
    }
  }

  #presence(name: string, node: Presence, { lines, value, raw }: Scope): void {
    const bits = Object.entries(node.of).map(
      ([field, bit]) => `(${member(value, field)}===undefined?0:${bit})`,
    )
    const at = lines.at()
    lines.add(
      `${store(node.size, at, bits.join('|'))};if(${raw}!==undefined&&${member(raw, name)}!==undefined)putPad(b,${at},${node.size},${member(raw, name)});`,
    )
    lines.ahead += node.size
  }

  #optional(name: string, node: Optional, scope: Scope): void {
    const { lines, value } = scope
    lines.settle()
    const mine = member(value, name)
    if (node.when) {
      const flag = `(${this.#source.constant(scope.flags.get(node.when.field))}.write(${member(value, node.when.field)})&${node.when.bit})!==0`
      lines.add(`if((${mine}!==undefined)!==(${flag}))bad();`)
    }
    lines.add(`if(${mine}!==undefined){`)
    this.#field(name, node.node, scope)
    lines.settle()
    lines.add('}')
  }

  #length(of: string | undefined, size: 1 | 2, { lines, lengths }: Scope): void {
    if (of !== undefined) {
      const at = this.#source.fresh('p')
      lines.add(`const ${at}=${lines.at()};`)
      lengths.set(of, { at, size })
    }
    lines.ahead += size
  }

  #nested(node: Struct, value: string, lines: Lines): void {
    const [x, start] = [this.#source.fresh('x'), this.#source.fresh('s')]
    lines.add(`const ${x}=${value},${start}=${lines.at()};`)
    this.#struct(node, x, start, lines)
  }

  #fixed(node: Shape, value: string, lines: Lines): void {
    const at = lines.at()
    const x = this.#source.fresh('t')
    switch (node.kind) {
      case 'int':
        lines.add(`const ${x}=${value};${range(node.size, x)}${store(node.size, at, x)};`)
        break
      case 'mac':
        lines.add(`writeMac(b,${at},${value});`)
        break
      case 'ipv4':
        lines.add(`writeIpv4(b,${at},${value});`)
        break
      case 'ipv6':
        lines.add(`writeIpv6(b,${at},${value});`)
        break
      case 'bytes':
        lines.add(`if(${value}.length!==${node.size})bad();b.set(${value},${at});`)
        break
      case 'enum': {
        lines.add(`let ${x}=${value};if(typeof ${x}!=='number')${x}=${this.#codeOf(node.codes, x)};`)
        lines.add(`${range(node.size, x)}${store(node.size, at, x)};`)
        break
      }
      case 'flags':
        lines.add(`const ${x}=${value}.length===0?0:${this.#source.constant(node.bits)}.write(${value});`)
        lines.add(`${range(node.size, x)}${store(node.size, at, x)};`)
        break
      case 'bits': {
        const parts = Object.entries(node.parts).map(([name, [shift, width, plus = 0]]) => {
          const part = `${member(value, name)}-${plus}`
          lines.add(`if((${part})!==(${part}&${2 ** width - 1}))bad();`)
          return `(${part})<<${shift}`
        })
        lines.add(`${store(node.size, at, `(${parts.join('|')})>>>0`)};`)
        break
      }
      default:
        throw new Error(`${node.kind} has no fixed size`)
    }
    lines.ahead += fixedSize(node) as number
  }

  /** An expression for the number of a name. */
  #codeOf(codes: Codes, name: string): string {
    if (codes.byName.size > compared_names_max) return `${this.#source.constant(codes.byName)}.get(${name})`
    const chain = [...codes.byName].map(([text, code]) => `${name}===${JSON.stringify(text)}?${code}:`)
    return `${chain.join('')}undefined`
  }

  #variable(name: string, node: Shape, { lines, value, lengths }: Scope): void {
    lines.settle()
    const mine = member(value, name)
    const length = lengths.get(name)
    const start = this.#source.fresh('q')
    if (length) lines.add(`const ${start}=o;`)
    if (node.kind === 'rest') lines.add(`b.set(${mine},o);o+=${mine}.length;`)
    else lines.add(`o=${this.#functionOf(node)}(b,v,o,${mine});`)
    if (!length) return
    lines.add(`if(o-${start}>${2 ** (8 * length.size) - 1})bad();`)
    lines.add(`${store(length.size, length.at, `o-${start}`)};`)
  }

  #align(name: string, node: Align, start: string, last: boolean, { lines, value, raw }: Scope): void {
    lines.settle()
    const zeros = `-(o-${start})&${node.to - 1}`
    const size = node.least === 0 ? zeros : `Math.max(${zeros},${node.least}-(o-${start}))`
    const kept = `${raw}===undefined?undefined:${member(raw, name)}`
    if (node.before !== undefined)
      lines.add(`o=putEnd(b,o,${member(value, node.before)}.length===0?0:${zeros},${kept});`)
    else if (last) lines.add(`o=putEnd(b,o,${size},${kept});`)
    else {
      const n = this.#source.fresh('n')
      lines.add(`const ${n}=${size};putPad(b,o,${n},${kept});o+=${n};`)
    }
  }

  #frame(name: string, node: Extract<Shape, { kind: 'frame' }>, { lines, value, raw }: Scope): void {
    lines.settle()
    const [start, n] = [this.#source.fresh('q'), this.#source.fresh('n')]
    lines.add(`const ${start}=o;v.setUint16(o,${node.prefix});`)
    lines.add(`o=${this.#functionOf(node.body)}(b,v,o+4,${member(value, name)});`)
    lines.add(`const ${n}=o-${start};if(${n}>65535)bad();v.setUint16(${start}+2,${n});`)
    lines.add(`o=putEnd(b,o,-${n}&${node.align - 1},${raw}===undefined?undefined:${member(raw, name)});`)
  }

  #listBody(element: Shape): string {
    const lines = new Lines()
    lines.add('for(let i=0;i<x.length;i++){')
    const size = fixedSize(element)
    if (size !== undefined && element.kind !== 'struct') {
      this.#fixed(element, 'x[i]', lines)
      lines.settle()
    } else lines.add(`o=${this.#functionOf(element)}(b,v,o,x[i]);`)
    lines.add('}return o;')
    return lines.text.join('\n')
  }
}

function range(size: number, x: string): string {
  if (size === 4) return `if(${x}!==${x}>>>0)bad();`
  if (size <= 3) return `if(${x}!==(${x}&${2 ** (8 * size) - 1}))bad();`
  return `if(typeof ${x}!=='bigint')bad();`
}

function store(size: number, at: string, x: string): string {
  switch (size) {
    case 1:
      return `b[${at}]=${x}`
    case 2:
      return `v.setUint16(${at},${x})`
    case 3:
      return `b[${at}]=${x}>>>16;v.setUint16(${at}+1,${x}&65535)`
    case 4:
      return `v.setUint32(${at},${x})`
    case 8:
      return `v.setBigUint64(${at},${x})`
    default:
      return `v.setBigUint64(${at},${x}>>64n);v.setBigUint64(${at}+8,${x})`
  }
}

/** Straight-line zeros for padding of up to 8 bytes. */
function zeros(size: number, lines: Lines): string {
  if (size > 8) return `b.fill(0,${lines.at()},${lines.at(size)});`
  let text = ''
  let done = 0
  for (const width of [4, 2, 1])
    for (; size - done >= width; done += width) text += `${store(width, lines.at(done), '0')};`
  return text
}
