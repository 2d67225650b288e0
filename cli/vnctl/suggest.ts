/** The nearest of some words, for those who mistyped one. */

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length]!
}

/** `, did you mean X?`, or nothing where no word is near. */
export function suggestion(word: string, words: readonly string[]): string {
  const [nearest] = words
    .map((candidate) => ({ candidate, edits: distance(word, candidate) }))
    .sort((a, b) => a.edits - b.edits)
  const near = nearest !== undefined && nearest.edits <= Math.max(2, Math.floor(word.length / 3))
  return near ? `, did you mean ${nearest.candidate}?` : ''
}
