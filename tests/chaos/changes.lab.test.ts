/** Whatever changes elsewhere, those that are talking lose nothing. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { demoPlan } from '../../cli/lab/plan.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { addMachine, plug, unplug } from '../support/plugging.ts'
import { reaches } from '../support/reach.ts'
import { networkRequests } from '../support/requests.ts'
import { lossDuring } from '../support/stream.ts'

/** The addresses of red2, over the wire, and of red3, through the tunnel. */
const everywhere = ['10.0.0.12', '10.0.0.13']
/**
 * For what adds or removes ports: Open vSwitch's user-space datapath looks up its routes anew then, and may lose a packet
 * into a tunnel, with or without a host.
 */
const onTheWire = ['10.0.0.12']
/** The least that a stream has in the time of a test, also on a busy machine. */
const sentMin = 100
const idleMs = 500

let network: Network
const machine = (name: string) => network.lab.machine(name)
const api = (method: string, path: string, body?: unknown) =>
  network.host.api(method, `${path}?wait=applied`, body)

beforeAll(async () => {
  network = await startNetwork()
  await Promise.all(network.lab.machines.map((one) => one.dhcp()))
  for (const address of everywhere) await reaches(machine('red1'), address)
})
afterAll(() => network?.stop())
afterEach(() => network.check())

/** Pings all addresses at once while it happens. */
async function expectNoLoss(addresses: readonly string[], happen: () => Promise<unknown>) {
  const happening = Bun.sleep(idleMs).then(happen)
  const losses = await Promise.all(
    addresses.map((address) => lossDuring(machine('red1'), address, () => happening)),
  )
  for (const { sent, lost } of losses) {
    expect(sent).toBeGreaterThan(sentMin)
    expect(lost).toBe(0)
  }
}

const more = (n: number) => ({
  uuid: `if-more${n}`,
  mode: 'vif',
  port_name: `more${n}`,
  network_uuid: 'nw-red',
  mac_address: `52:54:00:00:05:0${n}`,
  ipv4_address: `10.0.0.${70 + n}`,
})

test('interfaces and networks that come and go in the state', async () => {
  await expectNoLoss(everywhere, async () => {
    for (let n = 1; n <= 8; n++) {
      await api('POST', '/interfaces', more(n))
      await api('POST', '/networks', { uuid: `nw-idle${n}`, mode: 'virtual', ipv4_network: '10.0.0.0' })
      await api('POST', `/datapaths/dp-node1/networks/nw-idle${n}`, { interface_uuid: 'if-node1' })
    }
    for (let n = 1; n <= 8; n++) {
      await api('DELETE', `/interfaces/if-more${n}`)
      await api('DELETE', `/networks/nw-idle${n}`)
    }
  })
}, 30_000)

test('a machine that is plugged in beside them, and out again', async () => {
  await expectNoLoss(onTheWire, async () => {
    await api('POST', '/interfaces', more(1))
    const node1 = network.lab.hypervisor('node1')
    const guest = await addMachine(node1, 'more1', more(1).mac_address)
    await plug(node1, guest)
    expect((await guest.dhcp()).address).toBe('10.0.0.71')
    await unplug(node1, guest)
    await guest.remove()
    await api('DELETE', '/interfaces/if-more1')
  })
}, 30_000)

test('other networks, with encapsulations of their own', async () => {
  await expectNoLoss(onTheWire, async () => {
    for (const [number, encapsulation] of [
      [1, 'vxlan'],
      [2, 'geneve'],
    ] as const) {
      const name = `blue${number}`
      await api('DELETE', `/interfaces/if-${name}`)
      await api('POST', '/batch', networkRequests(demoPlan, { name, number: number + 6, encapsulation }))
    }
    await api('DELETE', '/networks/nw-blue1')
    await api('DELETE', '/networks/nw-blue2')
    await api('DELETE', '/networks/nw-blue')
  })
}, 30_000)

test('a neighbour whose port flaps', async () => {
  const node1 = network.lab.hypervisor('node1')
  await expectNoLoss(onTheWire, async () => {
    for (let n = 0; n < 5; n++) {
      await unplug(node1, machine('blue1'))
      await plug(node1, machine('blue1'))
    }
  })
}, 30_000)

test('a host that is killed and comes back', async () => {
  await expectNoLoss(everywhere, async () => {
    await network.host.kill9()
    await network.host.start()
    await network.check()
  })
}, 30_000)

test('the count can rise: with its own interface made again, a machine loses', async () => {
  const body = {
    uuid: 'if-red3',
    mode: 'vif',
    port_name: 'red3',
    network_uuid: 'nw-red',
    mac_address: machine('red3').mac,
    ipv4_address: '10.0.0.13',
  }
  const { lost } = await lossDuring(machine('red1'), '10.0.0.13', async () => {
    await Bun.sleep(idleMs)
    await api('DELETE', '/interfaces/if-red3')
    await Bun.sleep(idleMs)
    await api('POST', '/interfaces', body)
  })
  expect(lost).toBeGreaterThan(20)
  await reaches(machine('red1'), '10.0.0.13')
}, 30_000)
