/** Which keys changed at which revision, as far back as memory is given to it: what guards are held against. */

import type { KeySink } from '../state/table.ts'

/** Keys in one generation: a Map that grows further makes everybody wait while it does. */
const generationKeys = 8_192
const keptKeys = 300_000

interface Generation {
  /** The last revision in it. */
  to: number
  readonly keys: Map<string, number>
}

export class RecentKeys {
  /** The youngest first. */
  private readonly generations: Generation[]
  private size = 0
  /** Nothing is known of changes up to this revision. */
  private knownFrom: number

  constructor(revision: number) {
    this.knownFrom = revision
    this.generations = [{ to: revision, keys: new Map() }]
  }

  /** Records what `changes` gives to its sink as changed at the revision. */
  record(revision: number, changes: (sink: KeySink) => void): void {
    if (this.generations[0]!.keys.size >= generationKeys)
      this.generations.unshift({ to: revision, keys: new Map() })
    const youngest = this.generations[0]!
    this.size -= youngest.keys.size
    changes({ add: (key) => youngest.keys.set(key, revision) })
    this.size += youngest.keys.size
    youngest.to = revision
    while (this.size > keptKeys && this.generations.length > 1) this.forgetOldest()
  }

  /** Whether any of the keys changed after the revision, or may have: what is too long ago to know counts as changed. */
  changedSince(revision: number, keys: readonly string[]): boolean {
    if (keys.length === 0) return false
    if (revision < this.knownFrom) return true
    for (const generation of this.generations) {
      if (generation.to <= revision) return false
      for (const key of keys) if ((generation.keys.get(key) ?? 0) > revision) return true
    }
    return false
  }

  private forgetOldest(): void {
    const oldest = this.generations.pop()!
    this.size -= oldest.keys.size
    this.knownFrom = oldest.to
  }
}
