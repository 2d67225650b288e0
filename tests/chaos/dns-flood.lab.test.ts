/** A guest that asks for names without end costs only itself, whether anybody knows them or not. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { planOf } from '../lab/flows/plan.ts'
import { lookUp, queryText } from '../support/dns-client.ts'
import { Upstream } from '../support/dns-upstream.ts'
import { datagram } from '../support/frames.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { networkRequests } from '../support/requests.ts'
import { lossDuring } from '../support/stream.ts'
import { arriving, sendFrames } from '../support/wire.ts'

const server = '10.0.0.2'
const serverMac = '02:00:00:01:01:02'
const floodMs = 4_000
const floodPerSecond = 5_000
/** Of a client that is answered at its first attempt; the second would come after a second or more. */
const normalMs = 1_500
/** What an interface's meter lets pass. */
const queriesPerSecond = 100
const queriesAtOnce = 200

let network: Network
let silent: Upstream
const machine = (name: string) => network.lab.machine(name)

const dnsOf = (tenant: string) => [
  { method: 'PUT', path: `/networks/nw-${tenant}`, body: { domain_name: `${tenant}.example` } },
  {
    method: 'POST',
    path: '/network_services',
    body: { uuid: `ns-${tenant}dns`, interface_uuid: `if-${tenant}dhcp`, mode: 'dns' },
  },
  {
    method: 'POST',
    path: '/dns_services',
    body: { uuid: `dnss-${tenant}`, network_service_uuid: `ns-${tenant}dns`, public_dns: silent.address },
  },
]

/** Questions of red1, each with a name of its own under a domain. */
const questions = (domain: string) =>
  Array.from({ length: 500 }, (_, n) =>
    datagram(
      [serverMac, machine('red1').mac],
      '10.0.0.11',
      server,
      [40_000 + n, 53],
      queryText(`n${n}.${domain}`, 1),
    ),
  )

beforeAll(async () => {
  silent = await Upstream.start()
  const plan = planOf({ node1: ['red1', 'red2', 'blue1'], node2: ['red3'] })
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...networkRequests(plan, { name: 'red', number: 1 }),
    ...networkRequests(plan, { name: 'blue', number: 2 }),
    ...dnsOf('red'),
    ...dnsOf('blue'),
  ])
  await Promise.all(['red1', 'red2', 'red3', 'blue1'].map((name) => machine(name).dhcp()))
})
afterAll(async () => {
  silent?.stop()
  await network?.stop()
})
afterEach(() => network.check())

async function timed<T>(run: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const began = performance.now()
  const value = await run()
  return { value, ms: performance.now() - began }
}

test.each([
  ['that we know to be none', 'red.example'],
  ['that nobody answers for', 'far.test'],
])(
  'while one asks for names %s, others on its hypervisor are served as ever',
  async (_, domain) => {
    const frames = questions(domain)
    const waits: number[] = []
    let flood: Promise<number> = Promise.resolve(0)
    const loss = await lossDuring(machine('red2'), '10.0.0.13', async () => {
      flood = sendFrames(machine('red1'), frames, { forMs: floodMs, perSecond: floodPerSecond })
      await Bun.sleep(500)
      for (let round = 0; round < 3; round++) {
        const ofRed = await timed(() => lookUp(machine('red2'), server, 'A', 'red3.red.example'))
        expect(ofRed.value).toEqual({ records: ['10.0.0.13'] })
        const ofBlue = await timed(() => lookUp(machine('blue1'), server, 'A', 'blue1.blue.example'))
        expect(ofBlue.value).toEqual({ records: ['10.0.0.11'] })
        const lease = await timed(() => machine('blue1').dhcp())
        const written = await timed(() =>
          network.host.api('PUT', '/networks/nw-blue', { display_name: `${round}` }),
        )
        waits.push(ofRed.ms, ofBlue.ms, lease.ms, written.ms)
      }
      await flood
    })
    expect(await flood).toBeGreaterThan(floodMs * 2)
    expect(Math.max(...waits)).toBeLessThan(normalMs)
    expect(loss.sent).toBeGreaterThan(1_000)
    expect(loss.lost).toBe(0)
  },
  60_000,
)

test('it is itself answered as often as its rate allows, gets its lease, and names again when it stops', async () => {
  const flooder = machine('red1')
  let lease = ''
  const { red1: answers } = await arriving([flooder], 'udp src port 53', async () => {
    const flood = sendFrames(flooder, questions('red.example'), { forMs: floodMs, perSecond: floodPerSecond })
    lease = (await flooder.dhcp()).address
    await flood
  })
  expect(lease).toBe('10.0.0.11')
  expect(answers!.length).toBeGreaterThan(queriesPerSecond)
  // Twice what it may have: clocks of a busy machine.
  expect(answers!.length).toBeLessThan(2 * (queriesAtOnce + (queriesPerSecond * floodMs) / 1_000))
  expect(await lookUp(flooder, server, 'A', 'red2.red.example')).toEqual({ records: ['10.0.0.12'] })
}, 60_000)
