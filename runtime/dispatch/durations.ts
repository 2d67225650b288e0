/** Buckets grow by a quarter of an octave from 1/16 µs: a percentile is exact within 19 %. */
const bucketsPerOctave = 4
const smallestUs = 1 / 16
const bucketCount = 112

/** How long sampled calls took, in little memory. */
export class Durations {
  readonly #buckets = new Uint32Array(bucketCount)
  count = 0

  add(microseconds: number) {
    const at = Math.floor(Math.log2(Math.max(microseconds, smallestUs) / smallestUs) * bucketsPerOctave)
    this.#buckets[Math.min(at, bucketCount - 1)]!++
    this.count++
  }

  /** The upper edge of the bucket in which this share of the samples ends, in µs; 0 where there are none. */
  percentileUs(share: number): number {
    let left = share * this.count
    for (let at = 0; at < bucketCount; at++) {
      left -= this.#buckets[at]!
      if (left <= 0 && this.count > 0) return smallestUs * 2 ** ((at + 1) / bucketsPerOctave)
    }
    return 0
  }
}
