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
  const { exitCode, stdout, stderr } = Bun.spawnSync([
    vnet,
    'bridge',
    ...words,
    '--ovsdb',
    `unix:${openVswitch.dbSocket}`,
  ])
  return { exitCode, said: `${stdout}${stderr}` }
}

test('makes a bridge that is secure and keeps its id; a name that is taken, and what is no id, are refused', async () => {
  expect(run('br0', '0xA1', '--user-space')).toEqual({
    exitCode: 0,
    said: 'br0 (0x00000000000000a1) is made, secure\n',
  })
  expect(await openVswitch.vsctl('get', 'bridge', 'br0', 'fail_mode')).toBe('secure')
  expect(await openVswitch.vsctl('get', 'bridge', 'br0', 'other_config:datapath-id')).toBe(
    '"00000000000000a1"',
  )
  expect(run('br0', '0xA1')).toEqual({
    exitCode: 0,
    said: 'br0 (0x00000000000000a1) is there already\n',
  })
  expect(run('br0', '0xA2')).toMatchObject({
    exitCode: 1,
    said: expect.stringContaining('another datapath id'),
  })
  expect(run('br1', 'zz').exitCode).toBe(2)
  expect(await openVswitch.vsctl('list-br')).toBe('br0')
}, 30_000)

const column = (name: string) => openVswitch.vsctl('get', 'bridge', 'brk', name)

test('what ovs-vswitchd cannot make is told, and what to do; then --user-space makes it', async () => {
  // Where the kernel has the module, a type of datapath that ovs-vswitchd has not fails in the same way.
  const inKernel = run('brk', '0xB1')
  if (inKernel.exitCode === 0) await openVswitch.vsctl('set', 'bridge', 'brk', 'datapath_type=nonsense')
  else {
    expect(inKernel.said).toContain('could not make the bridge')
    expect(inKernel.said).toContain('--user-space')
  }
  expect(run('brk', '0xB1').exitCode).toBe(1)
  expect(run('brk', '0xB1', '--user-space')).toMatchObject({
    exitCode: 0,
    said: expect.stringContaining('user space now'),
  })
  expect(await column('datapath_type')).toBe('netdev')
  expect(await column('datapath_id')).toBe('"00000000000000b1"')
}, 30_000)

test('the type of a bridge with ports stays; who wants another is told how', async () => {
  await openVswitch.vsctl(
    'add-br',
    'brp',
    '--',
    'set',
    'bridge',
    'brp',
    'other_config:datapath-id=00000000000000c1',
  )
  await openVswitch.vsctl('--no-wait', 'add-port', 'brp', 'p1')
  const refused = run('brp', '0xC1', '--user-space')
  expect(refused.exitCode).toBe(1)
  expect(refused.said).toContain('ovs-vsctl set bridge brp datapath_type=netdev')
}, 30_000)

test('without ovs-vswitchd nothing is said to be made', async () => {
  await openVswitch.killVswitchd()
  const late = run('brl', '0xD1', '--user-space')
  await openVswitch.startVswitchd()
  expect(late).toMatchObject({ exitCode: 1, said: expect.stringContaining('Is ovs-vswitchd running?') })
}, 30_000)
