/** Something that is worked out anew again and again, and told when it is another. */
export class Told<T> {
  readonly #tell: (news: T) => void
  #last: string

  /** `known` is what counts as told already. */
  constructor(known: T, tell: (news: T) => void) {
    this.#last = JSON.stringify(known)
    this.#tell = tell
  }

  say(news: T): void {
    const text = JSON.stringify(news)
    if (text === this.#last) return
    this.#last = text
    this.#tell(news)
  }
}
