import { expect, test } from 'bun:test'
import { TestOutput } from './test-output.ts'

const said = `bun test v1.4.5 (a7733435c)

runtime/good.test.ts:
(pass) good [1.00ms]
(skip) not now

tests/lab/bad.test.ts:
(pass) fine
error: expect(received).toBe(expected)
(fail) group > bad [0.34ms]

runtime/good.test.ts:
(pass) good too [1.00ms]

db/set-up.test.ts:
error: setup
(fail) (unnamed) [11.57ms]

cli/broken.test.ts:

# Unhandled error between tests
-------------------------------
error: Cannot find module './nope.ts'
-------------------------------

2 tests failed:
(fail) group > bad [0.34ms]
(fail) (unnamed) [11.57ms]

 3 pass
 1 skip
 3 fail
 1 error
 1 expect() calls
Ran 6 tests across 4 files. [41.00ms]`

test('shows what failed under its file, and names the file of each failure', () => {
  const output = new TestOutput()
  const shown = said.split('\n').flatMap((line) => output.line(line))
  expect(shown.join('\n')).toBe(`bun test v1.4.5 (a7733435c)

tests/lab/bad.test.ts:
error: expect(received).toBe(expected)
(fail) group > bad [0.34ms]

db/set-up.test.ts:
error: setup
(fail) (unnamed) [11.57ms]

cli/broken.test.ts:
# Unhandled error between tests
-------------------------------
error: Cannot find module './nope.ts'
-------------------------------`)
  expect(output.failures).toEqual([
    { file: 'tests/lab/bad.test.ts', test: 'group > bad' },
    { file: 'db/set-up.test.ts', test: 'before or after its tests' },
    { file: 'cli/broken.test.ts', test: 'outside of its tests' },
  ])
  expect([output.passed, output.failed]).toEqual([3, 3])
})

test('says once in a while how far it is', () => {
  const output = new TestOutput()
  const shown = Array.from({ length: 60 }, (_, at) => [`a${at % 30}.test.ts:`, '(pass) one [1.00ms]'])
    .flat()
    .flatMap((line) => output.line(line))
  expect(shown).toEqual(['25 files, 24 passed'])
})
