import { afterEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from './settings.ts'

const folders: string[] = []
const folderWith = (toml?: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'vnet-settings-'))
  folders.push(folder)
  if (toml !== undefined) writeFileSync(join(folder, 'vnet.toml'), toml)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

test('a flag wins over the environment, and that over vnet.toml', () => {
  const folder = folderWith(
    'http = "127.0.0.1:1"\ndb = "file:a"\nopenflow = ["tcp:127.0.0.1:1", "unix:/run/x"]\n',
  )
  const read = readSettings(
    ['--http', '127.0.0.1:3'],
    { VNET_HTTP: '127.0.0.1:2', VNET_DB: 'file:b' },
    folder,
  )
  expect(read).toEqual({
    ok: true,
    value: { http: '127.0.0.1:3', db: 'file:b', openflow: ['tcp:127.0.0.1:1', 'unix:/run/x'] },
  })
})

test('lists repeat on the command line, and are separated by commas in the environment', () => {
  const folder = folderWith()
  expect(readSettings(['--ovsdb', 'unix:/a', '--ovsdb', 'tcp:127.0.0.1:6640'], {}, folder)).toEqual({
    ok: true,
    value: { ovsdb: ['unix:/a', 'tcp:127.0.0.1:6640'] },
  })
  expect(readSettings([], { VNET_SWITCH: 'unix:/a, unix:/b' }, folder)).toEqual({
    ok: true,
    value: { switch: ['unix:/a', 'unix:/b'] },
  })
})

test('--config and VNET_CONFIG name another file, which has to be there', () => {
  const folder = folderWith('log = "warn"')
  const other = join(folder, 'other.toml')
  writeFileSync(other, 'log = "error"')
  const logOf = (argv: string[], environment: Record<string, string>) => {
    const read = readSettings(argv, environment, folder)
    return read.ok ? read.value.log : read.problem.where
  }
  expect(logOf([], {})).toBe('warn')
  expect(logOf(['--config', other], {})).toBe('error')
  expect(logOf([], { VNET_CONFIG: other })).toBe('error')
  expect(logOf(['--config', 'vnet.toml'], { VNET_CONFIG: other })).toBe('warn')
  expect(logOf(['--config', '/nope.toml'], {})).toBe('/nope.toml')
})

test('hyphens and underscores are the same in names of settings', () => {
  const expected = { ok: true, value: { 'node-id': 'n1' } } as const
  expect(readSettings([], {}, folderWith('node_id = "n1"'))).toEqual(expected)
  expect(readSettings([], {}, folderWith('node-id = "n1"'))).toEqual(expected)
  expect(readSettings(['--node_id', 'n1'], {}, folderWith())).toEqual(expected)
  expect(readSettings(['--node_id=n1'], {}, folderWith())).toEqual(expected)
})

test.each([
  [['--htp', 'x'], {}, undefined, 'command line'],
  [[], { VNET_LOG: 'loud' }, undefined, 'VNET_LOG'],
  [[], { VNET_INSECURE: 'perhaps' }, undefined, 'VNET_INSECURE'],
  [[], {}, 'opneflow = "x"', 'opneflow'],
  [[], {}, 'http = 9090', 'http'],
  [[], {}, 'http = ', 'vnet.toml'],
])('%j with %j and %j is refused at %j', (argv, environment, toml, where) => {
  const read = readSettings(argv, environment, folderWith(toml))
  expect(read.ok).toBe(false)
  if (!read.ok) expect(read.problem.where).toContain(where)
})
