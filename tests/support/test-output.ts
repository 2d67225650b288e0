/**
 * Reads what `bun test --parallel` says, line by line: what did not pass, under the names of its files, and once in a while
 * how far it is. Results of different files are mixed; each stands under the name of its file.
 */

const header = /^(\S+\.test\.tsx?):$/
const passedTest = /^\(pass\) /
const uninteresting = /^(\((pass|skip|todo)\) .*|)$/
const failed = /^\(fail\) (.*?)(?: \[[\d.]+ ?m?s\])?$/
/** Bun repeats the failures at the end, without their files. */
const ownSummary = /^\d+ tests? (failed|skipped|todo):$/
const betweenTests = '# Unhandled error between tests'
const count = /^ *(\d+) (pass|fail)$/
const filesBetweenProgress = 25

export interface Failure {
  readonly file: string
  readonly test: string
}

export class TestOutput {
  readonly failures: Failure[] = []
  passed = 0
  failed = 0
  readonly #files = new Set<string>()
  #file = ''
  #fileShown = ''
  #passedSoFar = 0
  #over = false

  /** Takes one line; returns those to show. */
  line(text: string): readonly string[] {
    const [, file] = header.exec(text) ?? []
    if (file !== undefined && !this.#over) return this.#begin(file)
    if (passedTest.test(text)) this.#passedSoFar++
    if (ownSummary.test(text)) this.#over = true
    const [, number, what] = count.exec(text) ?? []
    if (what === 'pass') this.passed = Number(number)
    if (what === 'fail') this.failed = Number(number)
    if (what !== undefined) this.#over = true
    if (this.#over || uninteresting.test(text)) return []
    this.#note(text)
    if (this.#fileShown === this.#file) return [text]
    this.#fileShown = this.#file
    return ['', `${this.#file}:`, text]
  }

  #begin(file: string): readonly string[] {
    this.#file = file
    if (this.#files.has(file)) return []
    this.#files.add(file)
    const { size } = this.#files
    return size % filesBetweenProgress === 0 ? [`${size} files, ${this.#passedSoFar} passed`] : []
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
