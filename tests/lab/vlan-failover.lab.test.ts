/**
 * Two hypervisors reach the same VLAN of one legacy switch, each with a host of its own. One of them serves it: nothing
 * arrives twice, whatever happens to the other.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { fenceMs } from '../../functions/state/fence.ts'
import { broadcast, datagram } from '../support/frames.ts'
import { type LegacySwitch, startLegacySwitch } from '../support/legacy-switch.ts'
import { eventually, runCommand } from '../support/open-vswitch.ts'
import { reaches } from '../support/reach.ts'
import { networkRequests, trunkRequests } from '../support/requests.ts'
import { type SharedNetwork, startSharedNetwork } from '../support/shared-network.ts'
import { pingsDuring } from '../support/stream.ts'
import { arriving, type Place, sendFrames } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

let network: SharedNetwork
let legacy: LegacySwitch
const machine = (name: string) => network.lab.machine(name)
const old = (name: string) => legacy.machine(name)

const plan = planOf({ node1: ['red1'], node2: ['red2'], node3: ['red3'] })
const oldMac = '00:1b:21:00:00:01'
const failoverMs = 20_000
const perSecond = 20

beforeAll(async () => {
  network = await startSharedNetwork(plan, [
    ...physicalRequests(plan),
    ...networkRequests(plan, { name: 'red', number: 1 }),
    ...trunkRequests('node1', 'trunk1', { 100: 'red' }),
    ...trunkRequests('node2', 'trunk2', { 100: 'red' }),
  ])
  legacy = await startLegacySwitch('legacy', [
    { name: 'oldred', mac: oldMac, vlan: 100, address: '10.0.0.50/24' },
    { name: 'oldred2', mac: '00:1b:21:00:00:02', vlan: 100, address: '10.0.0.51/24' },
  ])
  for (const n of [1, 2]) await legacy.trunk(network.lab.hypervisor(`node${n}`), `trunk${n}`)
  await Promise.all(['red1', 'red2', 'red3'].map((name) => machine(name).dhcp()))
}, 60_000)
afterAll(async () => {
  await legacy?.stop()
  await network?.stop()
})
afterEach(() => network.check())

/** A broadcast that can be told from others by its number. */
const marked = (mac: string, address: string, n: number) =>
  datagram(
    [broadcast, mac],
    address,
    '10.0.0.255',
    [7777, 7777],
    `6d61726b${n.toString(16).padStart(8, '0')}`,
  )
const numberOf = (frame: string) => /6d61726b([0-9a-f]{8})/.exec(frame)?.[1]

/** Broadcasts of a legacy machine and of red3, again and again while something happens: how often each arrived, by place. */
async function copiesDuring(happen: () => Promise<unknown>): Promise<Record<string, number[]>> {
  let going = true
  let n = 0
  const send = async (from: Place, mac: string, address: string) => {
    // Some after it has happened, too.
    for (let left = 2; going || left-- > 0; ) {
      const frames = Array.from({ length: perSecond }, () => marked(mac, address, n++))
      await sendFrames(from, frames, { forMs: 950, perSecond })
    }
  }
  const places = [machine('red3'), machine('red2'), old('oldred2')]
  const seen = await arriving(places, 'udp port 7777', async () => {
    const sending = [
      send(old('oldred'), oldMac, '10.0.0.50'),
      send(machine('red3'), machine('red3').mac, '10.0.0.13'),
    ]
    try {
      await happen()
    } finally {
      going = false
      await Promise.all(sending)
    }
  })
  return Object.fromEntries(
    Object.entries(seen).map(([name, frames]) => {
      const counts = new Map<string, number>()
      for (const frame of frames) {
        const key = numberOf(frame) ?? frame
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }
      return [name, [...counts.values()]]
    }),
  )
}

const once = (copies: Record<string, number[]>) => {
  for (const [name, counts] of Object.entries(copies)) {
    expect(counts.length).toBeGreaterThan(5)
    expect({ name, most: Math.max(...counts) }).toEqual({ name, most: 1 })
  }
}

/** The port by which the legacy switch reaches a machine. */
const behind = async (name: string) => (await legacy.learned()).get(`100 ${machine(name).mac}`)

test('one of two serves the VLAN', async () => {
  await reaches(old('oldred'), '10.0.0.13')
  await reaches(machine('red2'), '10.0.0.50')
  once(await copiesDuring(() => Bun.sleep(500)))
  expect(await behind('red3')).toBe('trunk1')
}, 60_000)

test('when its VLAN is taken from one, the other serves it, and says so to the legacy switch', async () => {
  const { body } = trunkRequests('node1', 'trunk1', { 100: 'red' }).at(-1)!
  const host = network.host('node3')
  once(
    await copiesDuring(async () => {
      await host.api('DELETE', '/vlan_translations/vt-trunk1x100')
      await eventually(
        'red1 to be announced by the other port',
        async () => (await behind('red1')) === 'trunk2',
      )
      await reaches(old('oldred'), '10.0.0.11')
    }),
  )
  once(
    await copiesDuring(async () => {
      await host.api('POST', '/vlan_translations?wait=applied', body)
    }),
  )
  // It stands by.
  expect(await behind('red1')).toBe('trunk2')
}, 60_000)

test('a switch whose host is gone falls silent by itself, and only then the other speaks', async () => {
  const host = network.host('node2')
  once(
    await copiesDuring(async () => {
      await host.kill9()
      await eventually('the other to serve', async () => (await behind('red3')) === 'trunk1', failoverMs)
      await reaches(old('oldred'), '10.0.0.13')
    }),
  )
  await host.start()
  await network.check()
  once(await copiesDuring(() => Bun.sleep(500)))
  expect(await behind('red3')).toBe('trunk1')
}, 60_000)

test('so it is when the switch itself is gone', async () => {
  const { openVswitch } = network.lab.hypervisor('node1')
  once(
    await copiesDuring(async () => {
      await openVswitch.killVswitchd()
      await eventually('the other to serve', async () => (await behind('red3')) === 'trunk2', failoverMs)
      await reaches(old('oldred'), '10.0.0.13')
    }),
  )
  await openVswitch.startVswitchd()
  await network.check()
  once(await copiesDuring(() => Bun.sleep(500)))
  await reaches(machine('red1'), '10.0.0.50')
}, 60_000)

test('when its cable is pulled the other serves, and goes on when that is back', async () => {
  const cable = (state: 'up' | 'down') =>
    runCommand(['ip', '-n', legacy.netns, 'link', 'set', 'trunk2', state])
  let outageMs = 0
  once(
    await copiesDuring(async () => {
      const [answers] = await pingsDuring([{ from: machine('red3'), to: '10.0.0.50' }], 10, async () => {
        await cable('down')
        await eventually('the other to serve', async () => (await behind('red3')) === 'trunk1', failoverMs)
        await reaches(old('oldred'), '10.0.0.13')
      })
      outageMs = answers!.gapMs
    }),
  )
  // Nobody is cut off here: that it serves no more is acknowledged, not waited for.
  expect(outageMs).toBeLessThan(fenceMs)
  once(await copiesDuring(() => cable('up')))
  await reaches(machine('red2'), '10.0.0.50')
  expect(await behind('red3')).toBe('trunk1')
}, 60_000)

test('whoever serves anew announces what there is, of IPv6 too', async () => {
  const post = (path: string, body: object) => ({ method: 'POST', path, body })
  const macs = ['02:09:00:00:00:01', '02:09:00:00:00:02']
  const member = (n: number, address: object) =>
    post('/interfaces', {
      ...{ uuid: `if-new${n}`, mode: 'simulated', network_uuid: 'nw-new', mac_address: macs[n] },
      ...address,
    })
  await network.host('node3').api('POST', '/batch', [
    post('/networks', {
      ...{ uuid: 'nw-new', mode: 'virtual', ipv4_network: '10.9.0.0', ipv4_prefix: 24 },
      ...{ ipv6_network: '2001:db8:9::', ipv6_prefix: 64 },
    }),
    member(0, { ipv4_address: '10.9.0.2' }),
    member(1, {}),
    post('/ip_leases', {
      ...{ interface_uuid: 'if-new1', network_uuid: 'nw-new', ipv6_address: '2001:db8:9::11' },
    }),
    ...['trunk1', 'trunk2'].map((port) =>
      post('/vlan_translations', {
        ...{ uuid: `vt-${port}x300`, translation_uuid: `tr-${port}`, network_uuid: 'nw-new', vlan_id: 300 },
      }),
    ),
  ])
  const ports = async () => {
    const learned = await legacy.learned()
    return macs.map((mac) => learned.get(`300 ${mac}`))
  }
  await eventually('both to be known to the legacy switch', async () => (await ports()).every(Boolean))
  expect(new Set(await ports()).size).toBe(1)
}, 60_000)
