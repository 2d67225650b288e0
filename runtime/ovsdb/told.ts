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

/** Tells of each once: again only of what was not there meanwhile. */
export class ToldEach<T> {
  readonly #tell: (news: T) => void
  #last: ReadonlySet<string> = new Set()

  constructor(tell: (news: T) => void) {
    this.#tell = tell
  }

  say(all: readonly T[]): void {
    const known = this.#last
    this.#last = new Set(all.map((one) => JSON.stringify(one)))
    for (const one of all) if (!known.has(JSON.stringify(one))) this.#tell(one)
  }
}
