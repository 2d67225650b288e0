/** Whatever changes elsewhere, those that are talking lose nothing. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { demoPlan } from '../../cli/lab/plan.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { addMachine, plug, unplug } from '../support/plugging.ts'
import { reaches } from '../support/reach.ts'
import { networkRequests } from '../support/requests.ts'
import { lossDuring } from '../support/stream.ts'

let network: Network
const machine = (name: string) => network.lab.machine(name)
const api = (method: string, path: string, body?: unknown) =>
  network.host.api(method, `${path}?wait=applied`, body)

beforeAll(async () => {
  network = await startNetwork()
  await Promise.all(network.lab.machines.map((one) => one.dhcp()))
  for (const address of ['10.0.0.12', '10.0.0.13']) await reaches(machine('red1'), address)
})
afterAll(() => network?.stop())
afterEach(() => network.check())

/** Pings over the wire and through the tunnel at once. */
async function expectNoLoss(happen: () => Promise<unknown>) {
  const wire = lossDuring(machine('red1'), '10.0.0.12', () => tunnel)
  const tunnel = lossDuring(machine('red1'), '10.0.0.13', happen)
  for (const { sent, lost } of await Promise.all([wire, tunnel])) {
    expect(sent).toBeGreaterThan(100)
    expect(lost).toBe(0)
  }
}

test(
  'machines that come to their network and leave it',
  () =>
    expectNoLoss(async () => {
      for (let n = 1; n <= 8; n++) {
        await api('POST', '/interfaces', {
          uuid: `if-more${n}`,
          mode: 'vif',
          port_name: `more${n}`,
          network_uuid: 'nw-red',
          mac_address: `52:54:00:00:05:0${n}`,
          ipv4_address: `10.0.0.${70 + n}`,
        })
      }
      const node1 = network.lab.hypervisor('node1')
      const guest = await addMachine(node1, 'more1', '52:54:00:00:05:01')
      await plug(node1, guest)
      expect((await guest.dhcp()).address).toBe('10.0.0.71')
      await unplug(node1, guest)
      await guest.remove()
      for (let n = 1; n <= 8; n++) await api('DELETE', `/interfaces/if-more${n}`)
    }),
  30_000,
)

test(
  'other networks, with encapsulations of their own',
  () =>
    expectNoLoss(async () => {
      for (const [number, encapsulation] of [
        [7, 'vxlan'],
        [8, 'geneve'],
      ] as const) {
        // Its machine is one that is another's now: the demo's third blue one.
        await api('DELETE', `/interfaces/if-blue${number - 6}`)
        const requests = networkRequests(demoPlan, { name: `blue${number - 6}`, number, encapsulation })
        await api('POST', '/batch', requests)
      }
      await api('DELETE', '/networks/nw-blue1')
      await api('DELETE', '/networks/nw-blue2')
      await api('DELETE', '/networks/nw-blue')
    }),
  30_000,
)

test(
  'a neighbour whose port flaps, and a hypervisor that goes and comes',
  () =>
    expectNoLoss(async () => {
      const node1 = network.lab.hypervisor('node1')
      for (let n = 0; n < 5; n++) {
        await unplug(node1, machine('blue1'))
        await plug(node1, machine('blue1'))
      }
      await network.host.api('PUT', '/datapaths/dp-node2', { display_name: 'renamed' })
      await network.host.kill9()
      await network.host.start()
      await network.check()
    }),
  30_000,
)

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
    await api('DELETE', '/interfaces/if-red3')
    await Bun.sleep(200)
    await api('POST', '/interfaces', body)
  })
  expect(lost).toBeGreaterThan(20)
  await reaches(machine('red1'), '10.0.0.13')
}, 30_000)
