/** The units of a datapath by feature and object: two look-ups cost a third of building a key as text. */
import type { Unit } from '../flow.ts'
import type { UnitNode } from './unit-node.ts'

export class UnitIndex {
  readonly #byFeature = new Map<string, Map<number, UnitNode>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  get(unit: Unit): UnitNode | undefined {
    return this.#byFeature.get(unit.feature)?.get(unit.objectId)
  }

  add(node: UnitNode): void {
    const { feature, objectId } = node.unit
    let ofFeature = this.#byFeature.get(feature)
    if (!ofFeature) {
      ofFeature = new Map()
      this.#byFeature.set(feature, ofFeature)
    }
    ofFeature.set(objectId, node)
    this.#size++
  }

  remove(node: UnitNode): void {
    if (this.#byFeature.get(node.unit.feature)?.delete(node.unit.objectId)) this.#size--
  }

  *values(): Iterable<UnitNode> {
    for (const ofFeature of this.#byFeature.values()) yield* ofFeature.values()
  }

  /** Who is going through `values` meanwhile comes to the end at once. */
  clear(): void {
    for (const ofFeature of this.#byFeature.values()) ofFeature.clear()
    this.#byFeature.clear()
    this.#size = 0
  }
}
