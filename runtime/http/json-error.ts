/** Where a text stops being JSON (RFC 8259): the engine says what is wrong with it, and not where. */

/** Deeper texts are not looked at. */
const depthMax = 1_000
const blank = /[ \t\n\r]*/y
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const escaped = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end' | 'nothing'

/** Where a match that begins at `at` ends; -1: there is none. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : -1
}

class Scanner {
  readonly #text: string
  /** The brackets that are to come. */
  readonly #open: string[] = []
  #expected: Expected = 'value'
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The offset of the first character that is wrong, or the length where an end is missing; undefined: nothing is. */
  scan(): number | undefined {
    for (;;) {
      this.#at = endOf(blank, this.#text, this.#at)
      if (this.#at >= this.#text.length) return this.#expected === 'nothing' ? undefined : this.#text.length
      if (!this.#step(this.#text[this.#at]!)) return this.#at
      if (this.#open.length > depthMax) return undefined
    }
  }

  #step(char: string): boolean {
    switch (this.#expected) {
      case 'value':
      case 'value or ]':
        return (this.#expected === 'value or ]' && char === ']' && this.#close()) || this.#value(char)
      case 'key or }':
      case 'key':
        if (char === '}') return this.#expected === 'key or }' && this.#close()
        return char === '"' && this.#string() && this.#then(':')
      case ':':
        return char === ':' && this.#next('value')
      case ', or end':
        if (char === ',') return this.#next(this.#open.at(-1) === '}' ? 'key' : 'value')
        return char === this.#open.at(-1) && this.#close()
      case 'nothing':
        return false
    }
  }

  #value(char: string): boolean {
    if (char === '{' || char === '[') {
      this.#open.push(char === '{' ? '}' : ']')
      return this.#next(char === '{' ? 'key or }' : 'value or ]')
    }
    if (char === '"') return this.#string() && this.#afterValue()
    const end = endOf(scalar, this.#text, this.#at)
    if (end === -1) return false
    this.#at = end
    return this.#afterValue()
  }

  /** Moves behind the string, or to what is wrong in it. */
  #string(): boolean {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at]!
      if (char === '"') return this.#next(this.#expected)
      if (char < ' ') return false
      if (char !== '\\') continue
      const end = endOf(escaped, this.#text, this.#at + 1)
      if (end === -1) return false
      this.#at = end - 1
    }
    return false
  }

  #close(): boolean {
    this.#open.pop()
    this.#at++
    return this.#afterValue()
  }

  #afterValue = (): boolean => this.#then(this.#open.length > 0 ? ', or end' : 'nothing')

  #next(expected: Expected): boolean {
    this.#at++
    return this.#then(expected)
  }

  #then(expected: Expected): boolean {
    this.#expected = expected
    return true
  }
}

/** The offset where a text stops being JSON; undefined where it is JSON, or too deep. */
export const jsonErrorOffset = (text: string): number | undefined => new Scanner(text).scan()

/** `line 2, column 5`, both counted from 1. */
export function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n')
  return `line ${before.length}, column ${before.at(-1)!.length + 1}`
}
