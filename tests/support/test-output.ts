/** Reads what `bun test` says, line by line: a line for each file that passed, all of one that did not, and which tests failed. */

const header = /^(\S+\.test\.tsx?):$/
const passedTest = /^\(pass\) /
const uninteresting = /^(\((pass|skip|todo)\) .*|)$/
const failed = /^\(fail\) (.*?)(?: \[[\d.]+ ?m?s\])?$/
/** Bun repeats the failures at the end, without their files. */
const ownSummary = /^\d+ tests? (failed|skipped|todo):$/
const betweenTests = '# Unhandled error between tests'
const count = /^ *(\d+) (pass|fail)$/

export interface Failure {
  readonly file: string
  readonly test: string
}

export class TestOutput {
  readonly failures: Failure[] = []
  passed = 0
  failed = 0
  #file = ''
  #headerShown = true
  #passedInFile = 0
  #over = false

  /** Takes one line; returns those to show. */
  line(text: string): readonly string[] {
    const [, file] = header.exec(text) ?? []
    if (file !== undefined && !this.#over) {
      const shown = this.#endFile()
      this.#file = file
      this.#headerShown = false
      return shown
    }
    const wasOver = this.#over
    if (passedTest.test(text)) this.#passedInFile++
    if (ownSummary.test(text)) this.#over = true
    const [, number, what] = count.exec(text) ?? []
    if (what === 'pass') this.passed = Number(number)
    if (what === 'fail') this.failed = Number(number)
    if (what !== undefined) this.#over = true
    if (this.#over) return wasOver ? [] : this.#endFile()
    if (uninteresting.test(text)) return []
    this.#note(text)
    if (this.#headerShown) return [text]
    this.#headerShown = true
    return ['', `${this.#file}:`, text]
  }

  /** What is said of a file of which nothing else was worth showing. */
  #endFile(): readonly string[] {
    const passed = this.#passedInFile
    this.#passedInFile = 0
    return this.#headerShown || passed === 0 ? [] : [`${this.#file}: ${passed} passed`]
  }

  #note(text: string): void {
    const [, name] = failed.exec(text) ?? []
    // Bun gives no name to what goes wrong before or after the tests of a file.
    if (name !== undefined) this.#add(name === '(unnamed)' ? 'before or after its tests' : name)
    else if (text === betweenTests) this.#add('outside of its tests')
  }

  #add(test: string): void {
    this.failures.push({ file: this.#file, test })
  }
}
