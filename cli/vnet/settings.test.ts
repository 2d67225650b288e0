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
