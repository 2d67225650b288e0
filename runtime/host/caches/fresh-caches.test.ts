import { afterEach, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Logger } from '../../log.ts'
import type { Applied, SwitchPort } from '../../pipeline/sync/switch-port.ts'
import { Caches, isInUserSpace, leavesStale, withFreshCaches } from './fresh-caches.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** An old ovs-vswitchd with br0 in user space; `asked` are the commands that it was given. */
function oldSwitch({ isBusy }: { isBusy: boolean }) {
  const folder = mkdtempSync(`/tmp/ovt-${process.pid}-caches-`)
  const busy = { isBusy }
  const asked: string[] = []
  const answers: Record<string, string> = {
    version: 'ovs-vswitchd (Open vSwitch) 3.1.0',
    'dpif/show': 'netdev@ovs-netdev: hit:0 missed:0\n  br0:\n',
    'revalidator/purge': '',
  }
  const server = createServer((socket) =>
    socket.on('data', (bytes) => {
      const { method } = JSON.parse(`${bytes}`) as { method: string }
      asked.push(method)
      const error = busy.isBusy && method === 'dpif/show' ? 'busy' : null
      socket.write(JSON.stringify({ id: 0, result: error ? null : answers[method], error }))
    }),
  ).listen(join(folder, 'ovs-vswitchd.1.ctl'))
  closers.push(() => {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const purges = () => asked.filter((method) => method === 'revalidator/purge').length
  return { address: `unix:${join(folder, 'br0.mgmt')}`, busy, purges }
}

/** A switch whose bundles end like this, and what is warned of. */
function freshPort(address: string, kind: Applied['kind'], againMs?: number) {
  const port = { bundle: async () => ({ kind }), each: async () => ({ refused: new Map() }) }
  const warnings: string[] = []
  const log = { warn: (text: string) => void warnings.push(text) } as unknown as Logger
  const fresh = withFreshCaches(port as unknown as SwitchPort, new Caches(address, log, againMs))
  return { fresh, warnings }
}

test.each<[Applied['kind'], number]>([
  ['applied', 1],
  ['unknown', 1],
  ['refused', 0],
])('with a bundle that is %s, %d times it is dropped what is remembered', async (kind, times) => {
  const { address, purges } = oldSwitch({ isBusy: false })
  const { fresh } = freshPort(address, kind)
  await fresh.bundle([], 1_000)
  expect(purges()).toBe(times)
  await fresh.each([], 1_000)
  expect(purges()).toBe(times + 1)
})

test('a switch that is too busy to say whether that is needed is asked again, and one warning given', async () => {
  const { address, busy, purges } = oldSwitch({ isBusy: true })
  const { fresh, warnings } = freshPort(address, 'applied', 0)
  for (let i = 0; i < 3; i++) await fresh.bundle([], 1_000)
  expect([purges(), warnings.length]).toEqual([0, 1])
  busy.isBusy = false
  await fresh.bundle([], 1_000)
  expect([purges(), warnings.length]).toEqual([1, 1])
})

test.each([
  ['ovs-vswitchd (Open vSwitch) 3.1.0', true],
  ['ovs-vswitchd (Open vSwitch) 3.1.3', false],
  ['ovs-vswitchd (Open vSwitch) 3.0.4', true],
  ['ovs-vswitchd (Open vSwitch) 2.17.8', false],
  ['ovs-vswitchd (Open vSwitch) 2.15.0', true],
  ['ovs-vswitchd (Open vSwitch) 3.2.0', false],
  ['ovs-vswitchd (Open vSwitch) 4.0.90', false],
  ['something else', false],
])('%s leaves decisions as they are: %p', (version, expected) => {
  expect(leavesStale(version)).toBe(expected)
})

test('a bridge is in user space where its datapath is', () => {
  const shown = [
    ...['system@ovs-system: hit:0 missed:0', '  br1:', '    br1 65534/1: (internal)'],
    ...['netdev@ovs-netdev: hit:3 missed:4', '  br0:', '    br0 65534/1: (tap)', '    netdev 1/2: (system)'],
  ].join('\n')
  expect(['br0', 'br1', 'br2', 'netdev'].map((name) => isInUserSpace(shown, name))).toEqual([
    ...[true, false, false, false],
  ])
})
