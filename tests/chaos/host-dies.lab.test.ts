import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { isSilent, reaches } from '../support/reach.ts'
import { lossDuring } from '../support/stream.ts'

let network: Network
const machine = (name: string) => network.lab.machine(name)
const flowCount = async (node: string) => {
  const aggregate = await network.lab.hypervisor(node).openVswitch.ofctl('dump-aggregate', 'br0')
  return Number(/flow_count=(\d+)/.exec(aggregate)?.[1])
}

beforeAll(async () => {
  network = await startNetwork()
  await Promise.all(network.lab.machines.map((one) => one.dhcp()))
  for (const address of ['10.0.0.12', '10.0.0.13']) await reaches(machine('red1'), address)
})
afterAll(() => network?.stop())
afterEach(() => network.check())

test('with the host killed, established traffic loses nothing and tenants stay apart; with it back, neither', async () => {
  const { host } = network
  const across = lossDuring(machine('red1'), '10.0.0.13', async () => {
    await host.kill9()
    await Bun.sleep(1_500)
    // Nobody is there to answer, and nobody is let through in their place.
    expect(await isSilent(machine('red1'), '10.0.0.99')).toBe(true)
    await host.start()
    await eventually('the switches to be served', async () => {
      const { connected } = await host.api<{ connected: boolean }>('GET', '/datapaths/dp-node1/status')
      return connected
    })
    await Bun.sleep(500)
  })
  const same = lossDuring(machine('red1'), '10.0.0.12', () => across)
  const [first, second] = await Promise.all([across, same])
  expect(first.sent).toBeGreaterThan(500)
  expect(first.lost).toBe(0)
  expect(second.lost).toBe(0)
}, 60_000)

test('the count of lost packets can rise: with its flows gone, a switch loses', async () => {
  const { openVswitch } = network.lab.hypervisor('node2')
  const loss = await lossDuring(machine('red1'), '10.0.0.12', async () => {
    await network.host.kill9()
    await openVswitch.ofctl('del-flows', 'br0')
    await Bun.sleep(200)
    await network.host.start()
    await eventually('the flows to be back', async () => (await flowCount('node2')) > 10)
  })
  expect(loss.lost).toBeGreaterThan(50)
  await reaches(machine('red1'), '10.0.0.12')
}, 60_000)

test('SIGTERM ends the host in under two seconds and leaves the flows', async () => {
  const before = await flowCount('node1')
  expect(before).toBeGreaterThan(10)
  expect(await network.host.stop()).toBeLessThan(2_000)
  expect(await flowCount('node1')).toBe(before)
  await network.host.start()
  await eventually('the switch to be served', async () => {
    const { connected } = await network.host.api<{ connected: boolean }>('GET', '/datapaths/dp-node1/status')
    return connected
  })
}, 60_000)

test('a switch that is killed and started again has its flows back, and its machines their network', async () => {
  const { openVswitch } = network.lab.hypervisor('node2')
  await openVswitch.killVswitchd()
  await eventually('red2 to be silent', () => isSilent(machine('red1'), '10.0.0.12'))
  await reaches(machine('red1'), '10.0.0.13')
  await openVswitch.startVswitchd()
  await openVswitch.exec('ethtool', '-K', 'br0', 'tx', 'off')
  await openVswitch.exec('ip', 'address', 'replace', '192.168.10.12/24', 'dev', 'br0')
  await openVswitch.exec('ip', 'link', 'set', 'br0', 'up')
  await reaches(machine('red1'), '10.0.0.12')
}, 60_000)
