import { expect, test } from 'bun:test'
import { originalPosition, splitSourceMap } from './source-positions.ts'

const bundle = (map: string) => `a()\nb()\n//# sourceMappingURL=data:application/json;base64,${btoa(map)}\n`

test('a bundle and its map', () => {
  const map = { version: 3, sources: ['a.ts'], mappings: 'AAAA', names: [] }
  expect(splitSourceMap(bundle(JSON.stringify(map)))).toEqual({
    code: 'a()\nb()\n',
    map: { sources: ['a.ts'], mappings: 'AAAA' },
  })
  expect(splitSourceMap(bundle('not json')).map).toBeUndefined()
  expect(splitSourceMap('a()\n')).toEqual({ code: 'a()\n', map: undefined })
})

test('positions, as the bundler wrote them', async () => {
  const source =
    'type A = number\n\nexport function f(x: A): A {\n  if (x) throw new Error("x")\n  return x\n}\n'
  const file = `${import.meta.dir}/positions.virtual.ts`
  const built = await Bun.build({
    entrypoints: [file],
    files: { [file]: source },
    sourcemap: 'external',
    target: 'bun',
  } as Bun.BuildConfig)
  const code = await built.outputs[0]!.text()
  const map = JSON.parse(await built.outputs[1]!.text())
  const lines = code.split('\n')
  const line = lines.findIndex((text) => text.includes('throw')) + 1
  const column = lines[line - 1]!.indexOf('new Error') + 1
  expect(originalPosition(map, line, column)).toMatchObject({
    line: 4,
    column: source.split('\n')[3]!.indexOf('new') + 1,
  })
  expect(originalPosition(map, 9_999, 1)).toBeUndefined()
  expect(originalPosition({ sources: [], mappings: '!!!;;,,' }, 2, 1)).toBeUndefined()
})
