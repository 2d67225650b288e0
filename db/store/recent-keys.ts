/** Which keys changed at which revision, as far back as memory is given to it: what guards are held against. */

/** Keys per generation; two generations are kept. A key takes some 150 bytes. */
const generationKeys = 200_000

export class RecentKeys {
  private younger = new Map<string, number>()
  private older = new Map<string, number>()
  /** Nothing is known of changes up to these revisions. */
  private olderFrom: number
  private youngerFrom: number
  private latest: number

  constructor(revision: number) {
    this.olderFrom = revision
    this.youngerFrom = revision
    this.latest = revision
  }

  record(keys: Iterable<string>, revision: number): void {
    if (this.younger.size >= generationKeys) {
      this.older = this.younger
      this.olderFrom = this.youngerFrom
      this.younger = new Map()
      this.youngerFrom = this.latest
    }
    for (const key of keys) this.younger.set(key, revision)
    this.latest = revision
  }

  /** Whether any of the keys changed after the revision, or may have: what is too long ago to know counts as changed. */
  changedSince(revision: number, keys: readonly string[]): boolean {
    if (revision >= this.latest) return false
    if (revision < this.olderFrom) return true
    return keys.some((key) => (this.younger.get(key) ?? this.older.get(key) ?? 0) > revision)
  }
}
