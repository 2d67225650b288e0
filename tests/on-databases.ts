/**
 * bun tests/on-databases.ts [path…]
 * Prints the test files that are run on each database, those whose path has one of these in it.
 */
import { relative } from 'node:path'
import { testsOnDatabases } from './support/on-databases.ts'

const wanted = process.argv.slice(2).map((path) => relative('.', path))
for (const file of testsOnDatabases())
  if (wanted.length === 0 || wanted.some((path) => file.includes(path))) console.log(`./${file}`)
