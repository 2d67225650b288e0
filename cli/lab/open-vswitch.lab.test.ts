import { afterAll, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { eventually } from './eventually.ts'
import { type OpenVswitch, startOpenVswitch } from './open-vswitch.ts'

const running: OpenVswitch[] = []
const start = async () => {
  const ovs = await startOpenVswitch({ name: 't' })
  running.push(ovs)
  return ovs
}

afterAll(async () => {
  await Promise.all(running.map((ovs) => ovs.stop()))
})

test('two at once are apart, survive kill -9 of their daemons, and leave nothing', async () => {
  const [a, b] = await Promise.all([start(), start()])
  for (const ovs of [a, b])
    await ovs.vsctl('add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=netdev')
  await a.vsctl('add-port', 'br0', 'p0', '--', 'set', 'interface', 'p0', 'type=internal')
  expect(await a.vsctl('list-ports', 'br0')).toBe('p0')
  expect(await b.vsctl('list-ports', 'br0')).toBe('')
  expect(await a.exec('ip', '-br', 'link', 'show', 'p0')).toContain('p0')

  await a.mgmt('br0')
  expect(await a.ofctl('show', 'br0')).toContain('OFPST_PORT_DESC')

  await a.killVswitchd()
  await a.killOvsdb()
  await a.startOvsdb()
  await a.startVswitchd()
  await eventually('the switch to answer', () => a.ofctl('dump-flows', 'br0').catch(() => false))
  expect(await a.appctl('ofproto/list')).toBe('br0')

  await Promise.all([a.stop(), a.stop(), b.stop()])
  for (const ovs of [a, b]) {
    expect(existsSync(ovs.dir)).toBe(false)
    expect(existsSync(`/run/netns/${ovs.netns}`)).toBe(false)
  }
}, 20_000)
