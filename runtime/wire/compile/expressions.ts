/** Pieces of generated code: how a word is read, checked, named and written. `b` are the bytes, `v` the view, `o` the offset. */
import { type Codes, comparedNamesMax } from '../names.ts'
import type { Align } from '../node.ts'
import type { Lines, Source } from './source.ts'

/** An expression that reads an integer of some bytes. */
export function integer(size: number, at: string): string {
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
    default:
      return `(v.getBigUint64(${at})<<64n|v.getBigUint64(${at}+8))`
  }
}

/** A statement that writes one. */
export function store(size: number, at: string, x: string): string {
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

/** A statement that stops where a value is no integer of some bytes. */
export function range(size: number, x: string): string {
  if (size === 4) return `if(${x}!==${x}>>>0)bad();`
  if (size <= 3) return `if(${x}!==(${x}&${2 ** (8 * size) - 1}))bad();`
  return `if(typeof ${x}!=='bigint'||${x}<0n||${x}>${(1n << BigInt(8 * size)) - 1n}n)bad();`
}

/** An expression that is true where one of the next bytes is not zero. */
export function isSet(size: number, lines: Lines): string {
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

/** Straight-line zeros for padding of up to 8 bytes. */
export function zeros(size: number, lines: Lines): string {
  if (size > 8) return `b.fill(0,${lines.at()},${lines.at(size)});`
  let text = ''
  let done = 0
  for (const width of [4, 2, 1])
    for (; size - done >= width; done += width) text += `${store(width, lines.at(done), '0')};`
  return text
}

/** The number of zeros that an alignment asks for, counted from where its structure starts. */
export function alignment({ to, least }: Align, start: string): string {
  const rest = `-(o-${start})&${to - 1}`
  return least === 0 ? rest : `Math.max(${rest},${least}-(o-${start}))`
}

/** An expression for the name of a number: an array where names are dense, comparisons where they are few. */
export function nameOf(codes: Codes, value: string, source: Source): string {
  const names = [...codes.byValue].sort(([a], [b]) => a - b)
  if (names.every(([code], i) => code === i))
    return `${value}<${names.length}?${source.constant(codes.dense)}[${value}]:${value}`
  if (names.length > comparedNamesMax)
    return `${value}<${codes.first}?${value}:${source.constant(codes.byValue)}.get(${value})??${value}`
  const chain = names.map(([code, name]) => `${value}===${code}?${JSON.stringify(name)}:`).join('')
  return `${value}<${codes.first}?${value}:${chain}${value}`
}

/** An expression for the number of a name. */
export const codeOf = (codes: Codes, name: string, source: Source): string =>
  `${source.constant(codes.table)}[${name}]`
