import { afterAll, beforeAll, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { type OpenVswitch, startOpenVswitch } from '../lab/open-vswitch.ts'

const vnet = resolve(import.meta.dir, '../../bin/vnet')
let openVswitch: OpenVswitch
beforeAll(async () => {
  openVswitch = await startOpenVswitch({ name: 'bridge' })
})
afterAll(() => openVswitch?.stop())

const run = (...words: string[]) => {
  const { exitCode, stderr } = Bun.spawnSync([
    vnet,
    'bridge',
    ...words,
    '--ovsdb',
    `unix:${openVswitch.dbSocket}`,
  ])
  return { exitCode, said: stderr.toString() }
}

test('makes a bridge that is secure and keeps its id; a name that is taken, and what is no id, are refused', async () => {
  expect(run('br0', '0xA1', '--user-space')).toEqual({ exitCode: 0, said: '' })
  expect(await openVswitch.vsctl('get', 'bridge', 'br0', 'fail_mode')).toBe('secure')
  expect(await openVswitch.vsctl('get', 'bridge', 'br0', 'other_config:datapath-id')).toBe(
    '"00000000000000a1"',
  )
  expect(run('br0', '0xA1').exitCode).toBe(0)
  expect(run('br0', '0xA2')).toMatchObject({
    exitCode: 1,
    said: expect.stringContaining('another datapath id'),
  })
  expect(run('br1', 'zz').exitCode).toBe(2)
  expect(await openVswitch.vsctl('list-br')).toBe('br0')
}, 30_000)
