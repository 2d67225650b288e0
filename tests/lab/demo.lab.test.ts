import { afterAll, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { eventually } from '../support/open-vswitch.ts'

const state = mkdtempSync('/tmp/ovd-demo-')
const vnet = resolve(import.meta.dir, '../../bin/vnet')
const beginsWithinMs = 10_000
const namespacesOf = (pid: number) =>
  readdirSync('/run/netns').filter((name) => name.startsWith(`ovt-${pid}-`))
const start = () =>
  Bun.spawn(['setpriv', '--pdeathsig', 'KILL', vnet, 'demo', '--state', state], {
    stdout: 'pipe',
    stderr: 'pipe',
  })

afterAll(() => rmSync(state, { recursive: true, force: true }))

test.each(['SIGINT', 'SIGHUP', 'SIGQUIT'] as const)(
  'a demo that gets %p while it starts, again and again, leaves nothing',
  async (signal) => {
    const demo = start()
    await eventually('its lab to begin', () => namespacesOf(demo.pid).length > 2, beginsWithinMs)
    const second = start()
    expect(await second.exited).toBe(1)
    expect(await second.stderr.text()).toContain(`pid ${demo.pid}`)
    for (let n = 0; n < 3; n++) demo.kill(signal)
    expect(await demo.exited).toBe({ SIGINT: 130, SIGHUP: 129, SIGQUIT: 131 }[signal])
    expect(await demo.stdout.text()).toEndWith('stopping …\n')
    expect(await demo.stderr.text()).toBe('')
    expect(namespacesOf(demo.pid)).toEqual([])
    expect(existsSync(join(state, 'demo', 'lock'))).toBe(false)
  },
  30_000,
)
