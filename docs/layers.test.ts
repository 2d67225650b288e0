/** Who may import whom, as ARCHITECTURE.md has it. Tests and what is made for them are free. */
import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dir, '..')
const forTests = /(^|\/)testing|\.test\.ts$|functions\/api\/(documented|described|random-|sample-)/

/** `[importer, imported]`, relative to the project; packages by their name. */
function importsOf(folder: string): [string, string][] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return files
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith('.ts') && !forTests.test(file))
    .flatMap((file) => {
      const source = readFileSync(join(root, file), 'utf8')
      const names = [...source.matchAll(/^(?:import|export|\} from)[^'\n]*'([^'\n]+)'/gm)].map(
        ([, name]) => name!,
      )
      return names.map((name): [string, string] => [
        file,
        name.startsWith('.') ? relative(root, join(root, dirname(file), name)) : name,
      ])
    })
}
const offences = (folder: string, isAllowed: (imported: string) => boolean) =>
  importsOf(folder).filter(
    ([, imported]) => /^(db|runtime|functions|cli|tests|bench)\//.test(imported) && !isAllowed(imported),
  )

test('the test sees imports', () => {
  expect(importsOf('db').length).toBeGreaterThan(100)
  expect(importsOf('db')).toContainEqual(['db/migrate.ts', 'runtime/problem.ts'])
})

test('db/ needs nothing of the runtime but how problems are told', () => {
  expect(
    offences('db', (imported) => imported.startsWith('db/') || imported === 'runtime/problem.ts'),
  ).toEqual([])
})

test('runtime/ knows no functions', () => {
  expect(offences('runtime', (imported) => /^(runtime|db)\//.test(imported))).toEqual([])
})

test('functions/ see the runtime through one module', () => {
  expect(offences('functions', (imported) => imported.startsWith('functions/'))).toEqual([])
})

test.each(['runtime/problem.ts', 'runtime/log.ts'])('%s imports nothing', (leaf) => {
  expect(importsOf('runtime').filter(([importer]) => importer === leaf)).toEqual([])
})
