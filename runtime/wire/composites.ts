import type { Hidden, Infer, Maybe, Node, Raw, Shape, Struct } from './node.ts'

export type Fields = Readonly<Record<string, Node<unknown>>>
type Certain<F extends Fields> = {
  [K in keyof F as Infer<F[K]> extends Hidden | Maybe<unknown> ? never : K]: Infer<F[K]>
}
type Possible<F extends Fields> = {
  [K in keyof F as Infer<F[K]> extends Maybe<unknown> ? K : never]?: Infer<F[K]> extends Maybe<infer T>
    ? T
    : never
}
type Clean<T> = { [K in keyof T]: T[K] } & {}
export type StructNode<T> = Struct & { readonly '~type'?: T }
export type StructValue<F extends Fields> = Clean<Certain<F> & Possible<F> & { raw?: Raw }>

/** Fields one after the other. `outerAlign`: zeros that follow outside the structure's own length. */
export const struct = <const F extends Fields>(
  fields: F,
  options: { readonly outerAlign?: number; readonly outerAlignForgotten?: boolean } = {},
): StructNode<StructValue<F>> => ({
  kind: 'struct',
  fields,
  outerAlign: options.outerAlign ?? 1,
  outerAlignForgotten: options.outerAlignForgotten ?? false,
})

/** Elements up to the end of the region, or as many as a `countOf` says. */
export const list = <T>(element: Node<T>): Node<readonly T[]> => ({ kind: 'list', element, lenient: false })
/** The same, but ends where an element's length makes no sense. What is left is kept as bytes. */
export const lenientList = <T>(element: Node<T>): Node<readonly T[]> => ({
  kind: 'list',
  element,
  lenient: true,
})

/** One of several structures. They are told apart by their constants; one without them takes what is left over. */
export const union = <const V extends readonly StructNode<unknown>[]>(
  name: string,
  variants: V,
): Node<Infer<V[number]>> & { readonly variants: V } => ({ kind: 'union', name, variants })

/** A node that refers to one declared later, for nesting. */
export const lazy = <T>(get: () => Node<T>): Node<T> => ({ kind: 'lazy', get })

/** The length in bytes of another field of the same structure. */
export const lengthOf = (field: string, size: 1 | 2 = 2): Node<Hidden> => ({
  kind: 'length',
  size,
  of: field,
})
/** The length in bytes of the structure that it stands in, without outer alignment. */
export const ownLength: Node<Hidden> = { kind: 'length', size: 2, of: undefined }
export const ownLength8: Node<Hidden> = { kind: 'length', size: 1, of: undefined }
/** The number of elements of a list in the same structure. */
export const countOf = (field: string): Node<Hidden> => ({ kind: 'count', size: 2, of: field })

/** A word of bits that say which optional fields follow. */
export const presence = (of: Readonly<Record<string, number>>): Node<Hidden> => ({
  kind: 'presence',
  size: 2,
  of,
})
/** A field that a presence word announces, or else a bit of a field of flags. */
export const optional = <T>(
  node: Node<T>,
  when?: { readonly field: string; readonly flag: string; readonly bit: number },
): Node<Maybe<T>> => ({
  kind: 'optional',
  node,
  when,
})

/** `[prefix u16][length u16] body`, then zeros up to a multiple of `align`, which the length does not count. */
export const frame = <T>(prefix: number, body: Node<T>, align: number): Node<T> => ({
  kind: 'frame',
  prefix,
  align,
  body,
})

/** What takes everything up to the end of its region. */
export function fills(node: Shape): boolean {
  if (node.kind === 'lazy') return fills(node.get())
  if (node.kind === 'native') return node.fills
  return node.kind === 'rest' || (node.kind === 'list' && !node.lenient)
}

/** The size of a node that always has the same one, else undefined. */
export function fixedSize(node: Shape): number | undefined {
  if (node.kind === 'struct') {
    if (ownLengthOf(node) !== undefined) return undefined
    let sum = 0
    for (const field of Object.values(node.fields)) {
      const size = fixedSize(field)
      if (size === undefined) return undefined
      sum += size
    }
    return sum
  }
  return 'size' in node ? node.size : undefined
}

/** Where a structure keeps its own length. */
export function ownLengthOf(node: Struct): { offset: number; size: 1 | 2 } | undefined {
  let offset = 0
  for (const field of Object.values(node.fields)) {
    if (field.kind === 'length' && field.of === undefined) return { offset, size: field.size }
    const size = fixedSize(field)
    if (size === undefined) return undefined
    offset += size
  }
  return undefined
}
