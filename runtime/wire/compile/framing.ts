import { fills, ownLengthOf } from '../composites.ts'
import type { Shape, Struct } from '../node.ts'
import type { Framing } from './dispatch.ts'

/** How the end of one element of a list is known. */
export function framingOf(node: Shape): Framing | undefined {
  if (node.kind === 'lazy') return framingOf(node.get())
  if (node.kind === 'struct') return framingOfStruct(node)
  if (node.kind !== 'union') return undefined
  const framings = node.variants.map(framingOfStruct)
  const first = framings[0]
  if (framings.some((other) => other?.offset !== first?.offset || other?.outerAlign !== first?.outerAlign))
    throw new Error(`the variants of ${node.name} keep their lengths in different places`)
  return first
}

function framingOfStruct(struct: Struct): Framing | undefined {
  const length = ownLengthOf(struct)
  const { outerAlign, outerAlignForgotten } = struct
  return length && { ...length, outerAlign, outerAlignForgotten }
}

/** Whether a structure's fields take whatever its region has left. */
export function swallows(struct: Struct): boolean {
  const last = Object.entries(struct.fields).at(-1)
  if (last === undefined) return false
  const [name, node] = last
  if (node.kind === 'align') return true
  return fills(node) && !Object.values(struct.fields).some((field) => 'of' in field && field.of === name)
}

export { ownLengthOf }
