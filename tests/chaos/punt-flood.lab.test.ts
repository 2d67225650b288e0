/** A guest that floods the host with punts costs only itself. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { planOf } from '../lab/flows/plan.ts'
import { dhcpFrame, discover } from '../support/dhcp-frames.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { reaches } from '../support/reach.ts'
import { networkRequests } from '../support/requests.ts'
import { lossDuring } from '../support/stream.ts'
import { arriving, sendFrames } from '../support/wire.ts'

const floodMs = 4_000
/** A client that is answered at its first attempt; the second would come after a second or three. */
const normalLeaseMs = 2_500
const responsiveMs = 1_000

let network: Network
const machine = (name: string) => network.lab.machine(name)
const discovers = (mac: string) =>
  Array.from({ length: 200 }, (_, n) =>
    dhcpFrame({ source: mac, transactionId: 0xf100_0000 + n, options: discover }),
  )

async function timed<T>(run: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const began = performance.now()
  const value = await run()
  return { value, ms: performance.now() - began }
}

beforeAll(async () => {
  const plan = planOf({ node1: ['red1', 'red2', 'blue1'], node2: ['red3'] })
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...networkRequests(plan, { name: 'red', number: 1 }),
    ...networkRequests(plan, { name: 'blue', number: 2 }),
  ])
  await Promise.all(['red1', 'red2', 'red3'].map((name) => machine(name).dhcp()))
})
afterAll(() => network?.stop())
afterEach(() => network.check())

test('another guest of the same hypervisor gets its lease, the host answers, and nothing that flows is lost', async () => {
  const flooder = machine('red1')
  await reaches(machine('red2'), '10.0.0.13')
  let flood: Promise<number> = Promise.resolve(0)
  const leases: number[] = []
  const answers: number[] = []
  const loss = await lossDuring(machine('red2'), '10.0.0.13', async () => {
    flood = sendFrames(flooder, discovers(flooder.mac), { forMs: floodMs, perSecond: 5_000 })
    await Bun.sleep(500)
    for (let round = 0; round < 3; round++) {
      const lease = await timed(() => machine('blue1').dhcp())
      expect(lease.value.address).toBe('10.0.0.11')
      leases.push(lease.ms)
      answers.push((await timed(() => network.host.api('GET', '/networks'))).ms)
      answers.push(
        (await timed(() => network.host.api('PUT', '/networks/nw-red', { display_name: `${round}` }))).ms,
      )
    }
    await flood
  })
  expect(await flood).toBeGreaterThan(floodMs * 2)
  expect(Math.max(...leases)).toBeLessThan(normalLeaseMs)
  expect(Math.max(...answers)).toBeLessThan(responsiveMs)
  expect(loss.sent).toBeGreaterThan(1_000)
  expect(loss.lost).toBe(0)
}, 60_000)

test('the guest itself is answered as often as its own rate allows, and again when it stops', async () => {
  const flooder = machine('red1')
  const { red1: answers } = await arriving([flooder], 'udp src port 67', () =>
    sendFrames(flooder, discovers(flooder.mac), { forMs: 2_000, perSecond: 5_000 }),
  )
  // Its own meter lets 20 a second pass, and 40 at once.
  expect(answers!.length).toBeGreaterThan(10)
  expect(answers!.length).toBeLessThan(200)
  expect((await flooder.dhcp()).address).toBe('10.0.0.11')
}, 60_000)
