/**
 * bun test … | bun tests/report.ts STAGE STATUS RESULT
 * Shows what matters of a run, and appends to the file RESULT what failed: `fail<TAB>…` lines, and one of `count<TAB>passed<TAB>failed`.
 * STATUS is the file where the exit status of bun stands when its output ends.
 */
import { appendFileSync, readFileSync } from 'node:fs'
import { TestOutput } from './support/test-output.ts'

const [stage = '', statusFile = '', resultFile = ''] = process.argv.slice(2)
const output = new TestOutput()
for await (const line of console) for (const shown of output.line(line)) console.log(shown)

const status = readFileSync(statusFile, 'utf8').trim()
const failures = output.failures.map(({ file, test }) => `${file}: ${test} (${stage})`)
// What ended with an error and names no test: bun itself, or it was killed.
if (status !== '0' && failures.length === 0) failures.push(`${stage}: bun ended with status ${status}`)
const lines = [
  ...failures.map((failure) => `fail\t${failure}`),
  `count\t${output.passed}\t${failures.length}`,
]
appendFileSync(resultFile, `${lines.join('\n')}\n`)
