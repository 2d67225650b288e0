import { fixedSize } from '../composites.ts'
import type { Constant, Struct } from '../node.ts'

/** One constant of a union's variant: where it is on the wire, and the property that shows it. */
export interface Mark {
  readonly name: string
  readonly offset: number
  readonly constant: Constant
}

/** The constants of a structure whose offsets are known. */
function marksOf(struct: Struct): Mark[] {
  const marks: Mark[] = []
  let offset = 0
  for (const [name, field] of Object.entries(struct.fields)) {
    if (field.kind === 'constant') marks.push({ name, offset, constant: field })
    const size = field.kind === 'length' ? field.size : fixedSize(field)
    if (size === undefined) break
    offset += size
  }
  return marks
}

export interface Candidate {
  readonly struct: Struct
  readonly marks: readonly Mark[]
}

export interface Split {
  readonly mark: Mark
  /** Variants that have the mark, by what `keyOf` says. */
  readonly groups: ReadonlyMap<string | number, readonly Candidate[]>
  readonly others: readonly Candidate[]
}

/** Splits variants by the first mark that is left; undefined where none is. */
export function split(
  candidates: readonly Candidate[],
  same: (a: Mark, b: Mark) => boolean,
  keyOf: (mark: Mark) => string | number,
): Split | undefined {
  const mark = candidates.find((candidate) => candidate.marks.length > 0)?.marks[0]
  if (mark === undefined) return undefined
  const groups = new Map<string | number, Candidate[]>()
  const others: Candidate[] = []
  for (const candidate of candidates) {
    const mine = candidate.marks.find((other) => same(mark, other))
    if (mine === undefined) others.push(candidate)
    else {
      const left = { struct: candidate.struct, marks: candidate.marks.filter((other) => other !== mine) }
      const value = keyOf(mine)
      groups.set(value, [...(groups.get(value) ?? []), left])
    }
  }
  return { mark, groups, others }
}

const onWire = (a: Mark, b: Mark) => a.offset === b.offset && a.constant.size === b.constant.size
const inValue = (a: Mark, b: Mark) => a.name === b.name

export const splitByWire = (candidates: readonly Candidate[]): Split | undefined =>
  split(candidates, onWire, (mark) => mark.constant.value)
export const splitByValue = (candidates: readonly Candidate[]): Split | undefined =>
  split(candidates, inValue, (mark) => mark.constant.shown!)

export const candidatesByWire = (variants: readonly Struct[]): Candidate[] =>
  variants.map((struct) => ({ struct, marks: marksOf(struct) }))
export const candidatesByValue = (variants: readonly Struct[]): Candidate[] =>
  variants.map((struct) => ({
    struct,
    marks: marksOf(struct).filter((mark) => mark.constant.shown !== undefined),
  }))

/** Where the elements of a list keep their own length, if they do. */
export interface Framing {
  readonly offset: number
  readonly size: 1 | 2
  readonly outerAlign: number
  readonly outerAlignForgotten: boolean
}
