/** The units that a unit names: one by one, and in lists of one feature, which are compared as numbers. */
import type { Unit, UnitList } from '../flow.ts'

export interface NamedUnits {
  readonly children: readonly Unit[]
  readonly lists: readonly UnitList[]
}

/** What differs between what a unit named and what it names now. */
export interface NamedChanges {
  readonly added: readonly Unit[]
  readonly removed: readonly Unit[]
}

/** Where more than this differs, all is gone through. */
const changesMax = 16

/** Every unit that is named; one that is named twice comes twice. */
export function* unitsNamed({ children, lists }: NamedUnits, datapathId: number): Generator<Unit> {
  yield* children
  for (const { feature, objectIds } of lists)
    for (const objectId of objectIds) yield { feature, datapathId, objectId }
}

const isSame = (a: Unit, b: Unit): boolean => a.objectId === b.objectId && a.feature === b.feature

function isAlike(before: NamedUnits, after: NamedUnits): boolean {
  const { children, lists } = before
  return (
    children.length === after.children.length &&
    lists.length === after.lists.length &&
    lists.every(({ feature }, at) => feature === after.lists[at]!.feature) &&
    children.every((child, at) => isSame(child, after.children[at]!))
  )
}

/** What is between the beginning and the end that two lists have in common. */
function different(before: readonly number[], after: readonly number[]) {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let end = 0
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  const part = (list: readonly number[]) => list.slice(start, list.length - end)
  return { gone: part(before), come: part(after) }
}

/**
 * What differs, where that is little and in the lists only; mostly it is one unit of a thousand. Undefined: it is more,
 * and has to be found out otherwise.
 */
export function changesOf(
  before: NamedUnits,
  after: NamedUnits,
  datapathId: number,
): NamedChanges | undefined {
  if (!isAlike(before, after)) return undefined
  const added: Unit[] = []
  const removed: Unit[] = []
  for (const [at, { feature, objectIds }] of after.lists.entries()) {
    const { gone, come } = different(before.lists[at]!.objectIds, objectIds)
    if (gone.length + come.length > changesMax) return undefined
    for (const objectId of come) added.push({ feature, datapathId, objectId })
    for (const objectId of gone)
      if (!isNamed(after, feature, objectId)) removed.push({ feature, datapathId, objectId })
  }
  return { added, removed }
}

const isNamed = ({ children, lists }: NamedUnits, feature: string, objectId: number): boolean =>
  lists.some((list) => list.feature === feature && list.objectIds.includes(objectId)) ||
  children.some((child) => child.feature === feature && child.objectId === objectId)
