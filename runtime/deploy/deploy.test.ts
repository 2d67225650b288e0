import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { openTestStore, type TestStore } from '../../db/testing.ts'
import { FunctionRegistry } from '../dispatch/function-registry.ts'
import { success } from '../problem.ts'
import { bundleFunction, importsProblem } from './bundle.ts'
import { Deployment } from './deployment.ts'
import { type FunctionSource, findFunctions } from './function-sources.ts'
import { sourceStack } from './handler-modules.ts'
import { loadVersion } from './load-version.ts'
import { VersionStore } from './version-store.ts'

let folder: string
let root: string
let database: TestStore
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vnet-deploy-'))
  root = join(folder, 'functions')
  database = await openTestStore()
})
afterAll(async () => {
  await database.dispose()
  await rm(folder, { recursive: true, force: true })
})

async function write(path: string, text: string) {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await Bun.write(join(root, path), text)
}

const source = (name: string): FunctionSource => {
  const found = findFunctions(root).find((one) => one.name === name)
  if (found === undefined) throw new Error(`${name} was not found`)
  return found
}

const packetSource = (body: string, imports = '') => `
${imports}import { forward, packetIn } from 'openvnet'
export default packetIn({ name: 'x', from: { name: 'x', code: 1 }, handle(packet, env) { ${body} } })
`

/** Writes a function under a name of its own, bundles it and loads it. */
let count = 0
async function load(body: string, imports = '') {
  const name = `f${++count}`
  await write(`packets/${name}/${name}.ts`, packetSource(body, imports))
  const bundle = await bundleFunction(root, source(`packets/${name}`))
  if (!bundle.ok) return bundle
  const { digest, text } = bundle.value
  return loadVersion({ name: `packets/${name}`, version: 7, digest, bundle: text })
}

type Handle = (packet: unknown, env: unknown) => unknown
async function handleOf(body: string, imports = ''): Promise<Handle> {
  const loaded = await load(body, imports)
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problem))
  return (loaded.value.definition as unknown as { handle: Handle }).handle
}

describe('bundles', () => {
  test('are the same wherever the bundler runs', async () => {
    await write('packets/shared.ts', 'export const two: number = 2\n')
    await write(
      'packets/same/same.ts',
      packetSource('return forward(two)', "import { two } from '../shared.ts'\n"),
    )
    const first = await bundleFunction(root, source('packets/same'))
    const before = process.cwd()
    process.chdir('/')
    const second = await bundleFunction(root, source('packets/same'))
    process.chdir(before)
    expect(first.ok && second.ok && first.value.digest === second.value.digest).toBe(true)
    expect(first.ok && first.value.text).toContain('// functions/packets/shared.ts')
  })

  test('a syntax error says where', async () => {
    await write('packets/broken/broken.ts', 'export default {\n  a: 1\n  b: 2\n}\n')
    const result = await bundleFunction(root, source('packets/broken'))
    expect(result).toMatchObject({ ok: false, problem: { where: 'functions/packets/broken/broken.ts:3:3' } })
  })

  test('see the runtime through the public module only', async () => {
    await Bun.write(join(folder, 'runtime.ts'), 'export const secret = 1\n')
    const result = await load('return forward(secret)', "import { secret } from '../../../runtime.ts'\n")
    expect(result).toMatchObject({
      ok: false,
      problem: { what: expect.stringContaining('imports runtime.ts') },
    })
  })

  test.each(['fs', 'bun:sqlite', 'hono'])('cannot import %s', async (module) => {
    const result = await load('return forward(Object.keys(all).length)', `import * as all from '${module}'\n`)
    expect(result).toMatchObject({ ok: false, problem: { what: expect.stringContaining(module) } })
  })

  test('are checked whoever made them', () => {
    expect(importsProblem({ name: 'x' }, "import fs from 'fs'; fs.rmSync('x')")).toBeDefined()
    expect(importsProblem({ name: 'x' }, 'const fs = require("fs"); fs.rmSync("x")')).toBeDefined()
    expect(importsProblem({ name: 'x' }, 'this is no module')).toBeDefined()
    expect(importsProblem({ name: 'x' }, "import { forward } from 'openvnet'; forward(1)")).toBeUndefined()
  })
})

describe('loading', () => {
  test('shares the public module with the host', async () => {
    const { InvalidEffect } = await import('../dispatch/effect-checks.ts')
    const { noBuffer } = await import('../openvnet.ts')
    expect(InvalidEffect).toBeDefined()
    const handle = await handleOf('return noBuffer', "import { noBuffer } from 'openvnet'\n")
    expect(handle({}, {})).toBe(noBuffer)
  })

  test('stack traces name the version, and the line of the TypeScript', async () => {
    const handle = await handleOf(
      '\n\n  const deep: () => never = () => {\n throw new Error("here") }\n  return deep()',
    )
    let stack = ''
    try {
      handle({}, {})
    } catch (error) {
      stack = sourceStack((error as Error).stack!)
    }
    expect(stack).toMatch(/packets\/f\d+@7:functions\/packets\/f\d+\/f\d+\.ts:6:/)
  })

  test.each([
    ['fetch("http://x")', 'functions have no fetch'],
    ['setTimeout(() => {}, 1)', 'functions have no setTimeout'],
    ['return Date.now()', 'use env.now'],
    ['return new Date()', 'use env.now'],
    ['return Math.random()', 'use env.random'],
    ['return process.exit(3)', 'process'],
    ['return Bun.gc(true)', 'Bun'],
    ['return globalThis.process', 'globalThis'],
  ])('functions have no time, chance or outside: %s', async (body, message) => {
    const handle = await handleOf(body)
    expect(() => handle({}, {})).toThrow(message)
  })

  test.each([
    ['an inner one', '(async () => { await null; for (;;); })()'],
    ['a method', 'return { async x() {} }'],
    ['with an argument', 'return [1].map(async n => n)'],
  ])('an asynchronous function is refused: %s', async (_, body) => {
    const loaded = await load(body)
    expect(loaded).toMatchObject({ ok: false, problem: { what: expect.stringContaining('asynchronous') } })
  })

  test('a promise is refused where it is made; the word alone is not', async () => {
    for (const body of ['Promise.resolve().then(() => { for (;;); })', 'return new Promise(() => {})']) {
      const handle = await handleOf(body)
      expect(() => handle({}, {})).toThrow()
    }
    const handle = await handleOf(
      "return [{ async: 1 }.async, 'async function', `async () => 1`] /* async () => 1 */",
    )
    expect(handle({}, {})).toEqual([1, 'async function', 'async () => 1'])
  })

  test('what is pure is there', async () => {
    const handle = await handleOf('return new Date(0).getTime() + Math.max(1, Math.floor(2.5))')
    expect(handle({}, {})).toBe(2)
  })

  test.each([
    ['async', 'export default { kind: "packet", from: { code: 1 }, handle: async () => {} }', 'asynchronous'],
    ['no handler', 'export default { kind: "packet", from: { code: 1 } }', 'no handler'],
    ['no punt point', 'export default { kind: "packet", handle() {} }', 'no punt point'],
    ['no export', 'export const x = 1', 'no default export'],
    ['another kind', 'export default { kind: "event", on: ["port-added"], handle() {} }', 'named as another'],
    [
      'edited prototypes',
      'Array.prototype.push = () => 1\nObject.prototype.evil = 1',
      'Array.prototype.push',
    ],
    ['a throw', 'throw new Error("at load")', 'at load'],
    ['a throw of nothing', 'throw null', 'null'],
    ['a top-level await', 'await null\nexport default 1', 'await'],
  ])('refuses what is no packet function: %s', async (_, text, message) => {
    const result = await loadVersion({ name: 'packets/x', version: 1, digest: '', bundle: text })
    expect(result).toMatchObject({ ok: false, problem: { what: expect.stringContaining(message) } })
  })

  test.each([
    [100, undefined],
    [99, 'its every_ms is not 100 to 86400000'],
    ['"1"', 'its every_ms is not'],
    ['1 / 0', 'its every_ms is not'],
  ])('a schedule says how often it runs: %s', async (every, message) => {
    const text = `import { schedule } from 'openvnet'\nexport default schedule({ name: 'x', every_ms: ${every}, handle() {} })\n`
    const result = await loadVersion({ name: 'schedules/x', version: 1, digest: '', bundle: text })
    if (message === undefined) expect(result).toMatchObject({ ok: true })
    else expect(result).toMatchObject({ ok: false, problem: { what: expect.stringContaining(message) } })
  })

  const good = 'export default { kind: "packet", from: { code: 1 }, handle() {} }'
  const tryLoad = (text: string, name = 'packets/top') =>
    loadVersion({ name, version: 1, digest: '', bundle: text })

  test.each([
    ['loops', 'for (;;);'],
    ['loops, and catches what it can', 'function f() { try { for (;;); } finally { f() } }\nf()'],
    ['allocates without end', 'const all = []\nfor (;;) all.push(new Uint8Array(1 << 20).fill(1))'],
  ])('a top level that %s is given up, and the next version is loaded', async (_, text) => {
    const before = process.memoryUsage().rss
    expect(await tryLoad(`${good}\n${text}`)).toMatchObject({
      ok: false,
      problem: { what: expect.stringContaining('top level'), where: 'packets/top@1' },
    })
    Bun.gc(true)
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(512)
    for (let again = 0; again < 20; again++) expect((await tryLoad(good)).ok).toBe(true)
  })

  test('an API function that awaits at its top level spoils none that comes after it', async () => {
    const name = 'api/awaiting'
    const awaiting = 'await null\nexport default 1'
    for (let again = 0; again < 20; again++) {
      expect((await tryLoad(awaiting, name)).ok).toBe(false)
      expect(await tryLoad('export default 1', name)).toMatchObject({
        problem: { what: 'it has no default export' },
      })
    }
  })

  test('old code is collected: a thousand swaps cost little', async () => {
    const filler = `const table = [${Array.from({ length: 1_500 }, (_, at) => `'entry ${at}'`).join(',')}]`
    await write('packets/many/many.ts', packetSource(`${filler}\nreturn forward(table.length)`))
    const bundle = await bundleFunction(root, source('packets/many'))
    if (!bundle.ok) throw new Error('no bundle')
    const swap = async (version: number) => {
      const text = `${bundle.value.text.replace('entry 7', `entry ${version}`)}`
      const loaded = await loadVersion({ name: 'packets/many', version, digest: '', bundle: text })
      expect(loaded.ok).toBe(true)
    }
    // Until the heap has the size that swapping takes; after that, what grows is what is kept.
    for (let version = 0; version < 1_000; version++) await swap(version)
    Bun.gc(true)
    const before = process.memoryUsage().rss
    for (let version = 1_000; version < 2_000; version++) await swap(version)
    Bun.gc(true)
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(32)
  }, 30_000)
})

describe('versions', () => {
  const versions = () => new VersionStore(database.store)
  const bundleOf = (text: string) => ({
    digest: new Bun.CryptoHasher('sha256').update(text).digest('hex'),
    bundle: text,
  })

  test('are numbered for each function; the same content is the same version', async () => {
    const store = versions()
    const numbers = async (...texts: [string, string][]) =>
      (
        await store.publish(
          texts.map(([name, text]) => ({ name, ...bundleOf(text) })),
          1,
        )
      ).map(({ version }) => version)
    expect(await numbers(['packets/a', 'one'], ['packets/b', 'one'])).toEqual([1, 1])
    expect(await numbers(['packets/a', 'two'])).toEqual([2])
    expect(await numbers(['packets/a', 'one'], ['packets/a', 'two'], ['packets/a', 'three'])).toEqual([
      1, 2, 3,
    ])
    expect(await store.find('packets/a', 2)).toMatchObject({ bundle: 'two' })
    expect(await store.find('packets/a', 4)).toBeUndefined()
    const [row] = await database.store.query(
      "SELECT count(*) FROM function_versions WHERE name = 'packets/a'",
    )
    expect(row![0]).toBe(3)
  })

  test('a row whose content is not what its digest says is not loaded', async () => {
    await versions().publish([{ name: 'packets/c', digest: 'f'.repeat(64), bundle: 'tampered' }], 1)
    expect(await versions().find('packets/c', 1)).toBeUndefined()
  })
})

test('deploying puts to service what changed, and leaves what is broken as it was', async () => {
  const own = join(folder, 'deployed', 'functions')
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(own, path)), { recursive: true })
    await Bun.write(join(own, path), text)
  }
  const coded = (port: number, code: number) =>
    packetSource(`return forward(${port})`).replace('code: 1', `code: ${code}`)
  const registry = new FunctionRegistry()
  const api = { activate: async () => success(undefined) }
  const deployment = new Deployment(own, new VersionStore(database.store), registry, api)
  await put('packets/one/one.ts', coded(1, 1))
  await put('packets/two/two.ts', coded(1, 2))
  expect((await deployment.deploy()).swaps.map(({ to, from }) => [to, from])).toEqual([
    ['packets/one@1', undefined],
    ['packets/two@1', undefined],
  ])
  expect(await deployment.deploy()).toEqual({ swaps: [], problems: [] })

  await put('packets/one/one.ts', coded(2, 1))
  await put('packets/two/two.ts', 'export default (((')
  const report = await deployment.deploy()
  expect(report.swaps).toEqual([{ name: 'packets/one', to: 'packets/one@2', from: 'packets/one@1' }])
  expect(report.problems).toHaveLength(1)
  expect(registry.puntTable.get(2)!.current!.id).toBe('packets/two@1')

  for (const top of ['for (;;);', 'throw new Error("at load")', 'await new Promise(() => {})']) {
    await put('packets/two/two.ts', `${coded(1, 2)}\n${top}`)
    expect(await deployment.deploy()).toMatchObject({
      swaps: [],
      problems: [{ where: expect.stringContaining('packets/two@') }],
    })
  }

  await put('packets/two/two.ts', coded(1, 1))
  expect((await deployment.deploy()).problems[0]!.what).toContain('packets/one')
  await put('packets/one/one.ts', coded(1, 1))
  await put('packets/two/two.ts', coded(1, 2))
  expect((await deployment.deploy()).swaps.map(({ to }) => to)).toEqual(['packets/one@1'])

  // Two that change places do so at one moment.
  await put('packets/one/one.ts', coded(1, 2))
  await put('packets/two/two.ts', coded(1, 1))
  expect((await deployment.deploy()).problems).toEqual([])
  expect([1, 2].map((code) => registry.puntTable.get(code)!.name)).toEqual(['packets/two', 'packets/one'])

  await rm(join(own, 'packets/one'), { recursive: true })
  expect((await deployment.deploy()).swaps).toEqual([
    { name: 'packets/one', from: 'packets/one@3', to: undefined },
  ])
  expect([...registry.puntTable.keys()]).toEqual([1])
})

test('of several that are deployed at once, the one that edits a built-in object is refused, and no other', async () => {
  const own = join(folder, 'edited', 'functions')
  const names = ['before', 'editing', 'next', 'one-more']
  for (const [at, name] of names.entries()) {
    const text = packetSource('return forward(1)').replace('code: 1', `code: ${at + 1}`)
    await mkdir(join(own, 'packets', name), { recursive: true })
    const edit =
      name === 'editing' ? 'Object.defineProperty(Array.prototype, "push", { value: () => 1 })' : ''
    await Bun.write(join(own, 'packets', name, `${name}.ts`), `${text}\n${edit}`)
  }
  const api = { activate: async () => success(undefined) }
  const deployment = new Deployment(own, new VersionStore(database.store), new FunctionRegistry(), api)
  const { swaps, problems } = await deployment.deploy()
  expect(swaps.map(({ name }) => name).sort()).toEqual(['packets/before', 'packets/next', 'packets/one-more'])
  expect(problems).toEqual([
    { what: "it edits Array.prototype.push, which is everybody's", where: 'packets/editing@1' },
  ])
})
