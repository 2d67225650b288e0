import { fixedSize } from '../composites.ts'
import type { Shape } from '../node.ts'
import { codeOf, range, store } from './expressions.ts'
import { type Lines, member } from './source.ts'
import type { WriteContext } from './write-scope.ts'

/** Emits the writing of a value that always has the same size, after checks that it is one. */
export function writeFixed(context: WriteContext, node: Shape, value: string, lines: Lines): void {
  const { source } = context
  const at = lines.at()
  const x = source.fresh('t')
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
    case 'enum':
      lines.add(`let ${x}=${value};if(typeof ${x}==='number'){${range(node.size, x)}}`)
      lines.add(
        `else if((${x}=${codeOf(node.codes, x, source)})===undefined)bad();${store(node.size, at, x)};`,
      )
      break
    case 'flags':
      lines.add(`const ${x}=${value}.length===0?0:${source.constant(node.bits)}.write(${value});`)
      lines.add(`${range(node.size, x)}${store(node.size, at, x)};`)
      break
    case 'bits':
      lines.add(`${store(node.size, at, `(${bitParts(node.parts, value, lines).join('|')})>>>0`)};`)
      break
    default:
      throw new Error(`${node.kind} has no fixed size`)
  }
  lines.ahead += fixedSize(node)!
}

function bitParts(
  parts: Readonly<Record<string, readonly [shift: number, width: number, plus?: number]>>,
  value: string,
  lines: Lines,
): string[] {
  return Object.entries(parts).map(([name, [shift, width, plus = 0]]) => {
    const part = `${member(value, name)}-${plus}`
    lines.add(`if((${part})!==(${part}&${2 ** width - 1}))bad();`)
    return `(${part})<<${shift}`
  })
}
