/** Which variant of a union a value is, by the names that it shows. Worked out once for each union. */
import { type Candidate, candidatesByValue, splitByValue } from './compile/dispatch.ts'
import type { Struct, Union } from './node.ts'

type Tree =
  | { readonly leaf: Struct | undefined }
  | { readonly name: string; readonly groups: ReadonlyMap<unknown, Tree>; readonly others: Tree }

interface Known {
  readonly tree: Tree
  readonly names: readonly (readonly [field: string, names: readonly string[]])[]
}

const known = new WeakMap<Union, Known>()

function knownOf(node: Union): Known {
  const before = known.get(node)
  if (before) return before
  const candidates = candidatesByValue(node.variants)
  const made = { tree: treeOf(candidates), names: namesOf(candidates) }
  known.set(node, made)
  return made
}

function treeOf(candidates: readonly Candidate[]): Tree {
  const parts = splitByValue(candidates)
  if (parts === undefined) return { leaf: candidates[0]?.struct }
  const groups = new Map([...parts.groups].map(([value, group]) => [value as unknown, treeOf(group)]))
  return { name: parts.mark.name, groups, others: treeOf(parts.others) }
}

function namesOf(candidates: readonly Candidate[]): Known['names'] {
  const marks = candidates.flatMap((candidate) => candidate.marks)
  return [...new Set(marks.map((mark) => mark.name))].map((field) => {
    const mine = marks.filter((mark) => mark.name === field)
    return [field, [...new Set(mine.map((mark) => String(mark.constant.shown)))]]
  })
}

/** The variant that an object is meant to be, if there is one. */
export const variantFor = (node: Union, object: Readonly<Record<string, unknown>>): Struct | undefined =>
  choose(knownOf(node).tree, object)

function choose(tree: Tree, object: Readonly<Record<string, unknown>>): Struct | undefined {
  if ('leaf' in tree) return tree.leaf
  const group = tree.groups.get(object[tree.name])
  return (group && choose(group, object)) ?? choose(tree.others, object)
}

/** The fields that tell variants apart, each with the names that it may have. */
export const namesIn = (node: Union): Known['names'] => knownOf(node).names
