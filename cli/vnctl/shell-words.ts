/** Splits a line into words as a shell does: quotes, backslashes, and `#` comments at the start of a word. */
import { UsageError } from './usage-error.ts'

const piece = /\s+|#.*|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/gy

export function shellWords(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  piece.lastIndex = 0
  while (piece.lastIndex < line.length) {
    const start = piece.lastIndex
    const found = piece.exec(line)
    if (found === null) throw new UsageError(`a quote is not closed: ${line.slice(start)}`)
    const [whole, single, double, escaped, plain] = found
    const isSpace = /^\s/.test(whole)
    // In the middle of a word a # is only a character.
    if (whole.startsWith('#') && word === undefined) break
    if (isSpace) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else
      word = (word ?? '') + (single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? whole)
  }
  return word === undefined ? words : [...words, word]
}
