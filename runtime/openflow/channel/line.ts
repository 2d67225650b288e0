/** Tasks one after the other, a limited number of them. */

export class Line {
  readonly #max: number
  #length = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(max: number) {
    this.#max = max
  }

  get full() {
    return this.#length >= this.#max
  }

  /** Runs the task when those before it have ended, well or not. The caller has looked whether the line is full. */
  run<T>(task: () => Promise<T>): Promise<T> {
    this.#length++
    const result = this.#last.then(task).finally(() => this.#length--)
    this.#last = result.catch(() => {})
    return result
  }
}
