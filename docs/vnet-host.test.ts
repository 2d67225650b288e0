/** The unit for systemd starts what the program knows. */
import { expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { declarations, readSettings } from '../cli/vnet/settings.ts'

const project = resolve(import.meta.dir, '..')
const unit = readFileSync(join(project, 'docs/vnet-host.service'), 'utf8')
const line = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1] ?? ''

test('its command is one, and keeps its state where systemd makes a folder for it', () => {
  const [program = '', command, ...options] = line('ExecStart').split(' ')
  expect(existsSync(program.replace('/opt/openvnet', project))).toBe(true)
  expect(command).toBe('host')
  expect(readSettings(options, {}, '/nonexistent')).toEqual({
    ok: true,
    value: { state: `/var/lib/${line('StateDirectory')}` },
  })
})

test('the variables that it names are settings', () => {
  for (const [, name = ''] of unit.matchAll(/VNET_([A-Z_]+)/g))
    expect(Object.keys(declarations)).toContain(name.toLowerCase().replaceAll('_', '-'))
})
