/** Times as OpenVNet answers them: `2026-11-22 10:37:25 UTC`. */
export class TimeTexts {
  // An answer has few different times, and to format one costs more than all the rest of a small object.
  readonly #known = new Map<number, string>()

  /** `moment`: milliseconds since 1970. */
  of(moment: number): string {
    let text = this.#known.get(moment)
    if (text === undefined) {
      text = `${new Date(moment).toISOString().slice(0, 19).replace('T', ' ')} UTC`
      this.#known.set(moment, text)
    }
    return text
  }
}
