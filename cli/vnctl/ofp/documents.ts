/** Cuts text into JSON documents: one after the other, in lines, indented, or the elements of arrays. */

/** A document longer than this is refused: no message's JSON comes near it. */
const documentCharactersMax = 16 * 1024 * 1024

export class DocumentReader {
  #text = ''
  #scanned = 0
  #start = -1
  #depth = 0
  /** Arrays around the documents that have not ended. */
  #arrays = 0
  #inString = false
  #escaped = false

  /** The documents that are complete with this piece of text. */
  push(piece: string): string[] {
    this.#text += piece
    const documents: string[] = []
    for (; this.#scanned < this.#text.length; this.#scanned++) {
      const document = this.#step(this.#text.charCodeAt(this.#scanned))
      if (document !== undefined) documents.push(document)
    }
    const keep = this.#start >= 0 ? this.#start : this.#scanned
    this.#text = this.#text.slice(keep)
    this.#scanned -= keep
    if (this.#start >= 0) this.#start = 0
    if (this.#text.length > documentCharactersMax)
      throw new SyntaxError(`a document is longer than ${documentCharactersMax} characters`)
    return documents
  }

  /** Whether the input, if it ended here, would end within a document or an array of them. */
  get unfinished(): boolean {
    return this.#start >= 0 || this.#arrays > 0
  }

  #step(code: number): string | undefined {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false
      else if (code === backslash) this.#escaped = true
      else if (code === quote) this.#inString = false
      return undefined
    }
    if (this.#start < 0) return this.#between(code)
    if (code === quote) this.#inString = true
    else if (code === braceOpen) this.#depth++
    else if (code === braceClose && --this.#depth === 0) return this.#finish(this.#scanned + 1)
    return undefined
  }

  /** Between documents there may be white space, and the brackets and commas of an array. */
  #between(code: number): undefined {
    if (code === bracketOpen) this.#arrays++
    else if (code === bracketClose) this.#arrays--
    else if (code === braceOpen) {
      this.#start = this.#scanned
      this.#depth = 1
    } else if (!' \t\r\n,\ufeff'.includes(String.fromCharCode(code)))
      throw new SyntaxError(`unexpected ${JSON.stringify(String.fromCharCode(code))} between messages`)
    return undefined
  }

  #finish(end: number): string {
    const document = this.#text.slice(this.#start, end)
    this.#start = -1
    return document
  }
}

const quote = 0x22
const backslash = 0x5c
const bracketOpen = 0x5b
const bracketClose = 0x5d
const braceOpen = 0x7b
const braceClose = 0x7d
