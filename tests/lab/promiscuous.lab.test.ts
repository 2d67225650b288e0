/** Machines that the state does not know, behind promiscuous interfaces: the switch learns them, in their segment or network only. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { physicalRequests } from '../../cli/vnet/demo/network.ts'
import { arp, broadcast, datagram, ethernet } from '../support/frames.ts'
import { type Marked, nowhere, whereEachArrives, whereTheyArrive } from '../support/marked.ts'
import { type Network, startNetwork } from '../support/network.ts'
import { eventually } from '../support/open-vswitch.ts'
import { unplug } from '../support/plugging.ts'
import { reaches } from '../support/reach.ts'
import { networkRequests, routerRequests, segmentRequests } from '../support/requests.ts'
import { arriving, type Place, sendFrames } from '../support/wire.ts'
import { planOf } from './flows/plan.ts'

/** Names that end in x are promiscuous. */
const plan = planOf({
  node1: ['red1', 'red2x', 'blue1', 'blue2x', 'green1', 'green2x'],
  node2: ['red3', 'red4x', 'green3'],
  node3: ['red5', 'red6x', 'green5', 'blue3', 'grey3'],
})
const reds = ['red1', 'red2x', 'red3', 'red4x', 'red5', 'red6x']
const greens = ['green1', 'green2x', 'green3', 'green5']
const green = { name: 'green', number: 3 }
const grey = { name: 'grey', number: 4, subnet: '10.4.0' }
const experimental = 0x88b5
const stranger = '06:00:00:00:00:01'
/** Its own, as the demo's plan counts them. */
const learnedTable = 67
const macsPerPort = 1_024

let network: Network
let places: Place[]
const machine = (name: string) => network.lab.machine(name)
const frame =
  (destination: string, source: string): Marked =>
  (mark) =>
    ethernet(destination, source, experimental, mark)
const send = <N extends string>(from: string, frames: Readonly<Record<N, Marked>>) =>
  whereTheyArrive(machine(from), places, frames)
const without = (all: readonly string[], ...names: readonly string[]) =>
  all.filter((one) => !names.includes(one))

/** What a switch has learned. */
async function learnedOn(node: string): Promise<string[]> {
  const { openVswitch } = network.lab.hypervisor(node)
  const bridge = `unix:${await openVswitch.mgmt('br0')}`
  const text = await openVswitch.ofctl('dump-flows', bridge, `table=${learnedTable}`)
  return text.split('\n').filter((line) => line.includes('cookie='))
}

beforeAll(async () => {
  const unknown = plan.hypervisors
    .flatMap(({ machines }) => machines)
    .filter(({ name }) => name === 'green2x')
  const known = {
    ...plan,
    hypervisors: plan.hypervisors.map((one) => ({
      ...one,
      machines: one.machines.filter((each) => !unknown.includes(each)),
    })),
  }
  network = await startNetwork(plan, [
    ...physicalRequests(plan),
    ...segmentRequests(plan, { name: 'red', number: 1 }),
    ...segmentRequests(plan, { name: 'blue', number: 2 }),
    ...networkRequests(known, green),
    ...networkRequests(known, grey),
    ...routerRequests('one', [green, grey]),
    {
      method: 'POST',
      path: '/interfaces',
      body: { uuid: 'if-green2x', mode: 'promiscuous', port_name: 'green2x', network_uuid: 'nw-green' },
    },
  ])
  const { lab } = network
  places = [
    ...lab.machines,
    ...lab.hypervisors.map(({ name, openVswitch }) => ({
      name: `host ${name}`,
      netns: openVswitch.netns,
      device: 'br0',
    })),
  ]
  const address = (name: string, n: number) =>
    machine(name).exec('ip', 'address', 'add', `192.168.77.${n}/24`, 'dev', 'eth0')
  await Promise.all([
    ...reds.map((name, n) => address(name, 11 + n)),
    address('blue3', 30),
    address('blue2x', 31),
  ])
  await Promise.all([...without(greens, 'green2x'), 'grey3'].map((name) => machine(name).dhcp()))
}, 60_000)
afterAll(() => network?.stop())
afterEach(() => network.check())

test('machines that nobody knows talk to those of the segment, and to each other', async () => {
  for (const to of [11, 13, 14, 15, 16]) await reaches(machine('red2x'), `192.168.77.${to}`)
  await reaches(machine('red4x'), '192.168.77.16')
  await reaches(machine('red1'), '192.168.77.16')
  await reaches(machine('blue2x'), '192.168.77.30')
  expect(await machine('red2x').ping('192.168.77.30')).toBeNull()
}, 30_000)

test('who is new is flooded to, who has been heard is sent to, and no physical switch sees either', async () => {
  const { wire } = await arriving(
    [{ name: 'wire' as const, netns: network.lab.fabric, device: 'node1' }],
    `ether host ${stranger}`,
    async () => {
      const ends = ['red1', 'red3', 'red5'] as const
      const seen = await whereEachArrives(places, {
        unheard: [machine('red3'), frame(stranger, machine('red3').mac)],
        first: [machine('red2x'), frame(broadcast, stranger)],
        ...Object.fromEntries(
          ends.map((one) => [`to ${one}`, [machine('red2x'), frame(machine(one).mac, stranger)]]),
        ),
        ...Object.fromEntries(
          [...ends, 'red4x'].map((one) => [`of ${one}`, [machine(one), frame(stranger, machine(one).mac)]]),
        ),
      })
      for (const places of Object.values(seen)) places.sort()
      expect(seen).toEqual({
        unheard: without(reds, 'red3'),
        first: without(reds, 'red2x'),
        ...Object.fromEntries(ends.map((one) => [`to ${one}`, [one]])),
        ...Object.fromEntries([...ends, 'red4x'].map((one) => [`of ${one}`, ['red2x']])),
      })
    },
  )
  expect(wire).toEqual([])
}, 30_000)

test('one that moves is learned anew by its first frame, whomever that is for', async () => {
  const moves = { red6x: 'red5', red4x: 'red3', red2x: 'red1' } as const
  for (const [at, near] of [...Object.entries(moves), ['red6x', 'red5']] as [string, string][]) {
    const seen = await whereEachArrives(places, {
      first: [machine(at), frame(machine(near).mac, stranger)],
      ...Object.fromEntries(
        ['red1', 'red3', 'red5'].map((one) => [one, [machine(one), frame(stranger, machine(one).mac)]]),
      ),
    })
    expect({ at, ...seen }).toEqual({ at, first: [near], red1: [at], red3: [at], red5: [at] } as never)
  }
}, 30_000)

test('nobody behind a promiscuous interface poses as an interface, or is a group', async () => {
  const frames = {
    'as one here': frame(broadcast, machine('red1').mac),
    'as one there': frame(broadcast, machine('red5').mac),
    'to one, as one there': frame(machine('red1').mac, machine('red3').mac),
    'as a group': frame(broadcast, '01:00:5e:00:00:01'),
  }
  expect(await send('red2x', frames)).toEqual(nowhere(frames))
  const seen = await whereEachArrives(places, {
    'who is posed as is sent to': [machine('red1'), frame(machine('red5').mac, machine('red1').mac)],
    'as one of another segment': [machine('red2x'), frame(broadcast, machine('blue1').mac)],
    'which loses nothing': [machine('blue2x'), frame(machine('blue1').mac, stranger)],
    'nor does who is known here': [machine('red1'), frame(stranger, machine('red1').mac)],
  })
  expect(seen['as one of another segment'].sort()).toEqual(without(reds, 'red2x'))
  expect(seen).toMatchObject({
    'who is posed as is sent to': ['red5'],
    'which loses nothing': ['blue1'],
    'nor does who is known here': ['red6x'],
  })
}, 30_000)

test('in a network, too: but with none of its addresses, and without answers to DHCP clients', async () => {
  await machine('green2x').exec('ip', 'address', 'add', '10.0.0.77/24', 'dev', 'eth0')
  for (const to of ['10.0.0.11', '10.0.0.12', '10.0.0.13', '10.0.0.2']) await reaches(machine('green2x'), to)
  for (const from of ['green1', 'green3', 'green5']) await reaches(machine(from), '10.0.0.77')
  const { mac } = machine('green2x')
  const to = machine('green1').mac
  const frames: Record<string, Marked> = {
    'the address of another': (mark) => datagram([to, mac], '10.0.0.12', '10.0.0.11', [7777, 7777], mark),
    'an announcement of it': (mark) =>
      ethernet(broadcast, mac, 0x0806, arp({ sha: mac, spa: '10.0.0.12', tpa: '10.0.0.12' }) + mark),
    'an announcement of the server': (mark) =>
      ethernet(
        broadcast,
        mac,
        0x0806,
        arp({ op: 2, sha: mac, spa: '10.0.0.2', tha: to, tpa: '10.0.0.11' }) + mark,
      ),
    'an answer to a DHCP client': (mark) => datagram([to, mac], '10.0.0.77', '10.0.0.11', [67, 68], mark),
  }
  expect(await send('green2x', frames)).toEqual(nowhere(frames))
  const own = await send('green2x', {
    all: (mark) => datagram([broadcast, mac], '10.0.0.77', '10.0.0.255', [7777, 7777], mark),
  })
  expect(own.all.sort()).toEqual(without(greens, 'green2x'))
}, 30_000)

test('there they are routed to and from other networks, and get addresses by DHCP where a lease policy has some', async () => {
  const guest = machine('green2x')
  await guest.exec('ip', 'route', 'add', 'default', 'via', '10.0.0.1')
  await reaches(machine('grey3'), '10.0.0.77')
  await reaches(guest, '10.4.0.11')
  const lost = await guest.exec('ping', '-n', '-c', '1', '-W', '2', '10.4.0.99').catch(String)
  expect(lost).toContain('From 10.0.0.1 icmp_seq=1 Destination Host Unreachable')
  const api = (path: string, body: object = {}) => network.host.api('POST', `${path}?wait=applied`, body)
  await api('/ip_range_groups', { uuid: 'iprg-a' })
  await api('/ip_range_groups/iprg-a/ip_ranges', {
    begin_ipv4_address: '10.0.0.200',
    end_ipv4_address: '10.0.0.209',
  })
  await api('/lease_policies', { uuid: 'lp-a', timing: 'dhcp' })
  await api('/lease_policies/lp-a/networks/nw-green', { ip_range_group_uuid: 'iprg-a' })
  await api('/lease_policies/lp-a/interfaces/if-green2x')
  expect((await guest.dhcp()).address).toBe('10.0.0.200')
  await reaches(machine('green5'), '10.0.0.200')
  await reaches(machine('grey3'), '10.0.0.200')
}, 30_000)

test('without a host they go on, and one that is new is learned', async () => {
  await network.host.kill9()
  const newcomer = '06:00:00:00:00:02'
  const seen = await whereEachArrives(places, {
    'from it': [machine('red4x'), frame(machine('red3').mac, newcomer)],
    'to it': [machine('red5'), frame(newcomer, machine('red5').mac)],
  })
  expect(seen).toEqual({ 'from it': ['red3'], 'to it': ['red4x'] })
  await network.host.start()
  await network.check()
  // What was learned is the switch's own: nobody has taken it away.
  expect(await send('red1', { a: frame(newcomer, machine('red1').mac) })).toEqual({ a: ['red4x'] })
}, 30_000)

test('so many behind a port and no more; the others go on', async () => {
  const macs = Array.from(
    { length: macsPerPort + 200 },
    (_, n) =>
      `06:00:00:01:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`,
  )
  const all = macs.map((mac) => frame(machine('red1').mac, mac)('6d61726bffff'))
  // A port takes in only so many unknown ones at once.
  const ofPort = async () => {
    const lines = await learnedOn('node1')
    const cookieOf = (line: string) => /cookie=\w+/.exec(line)?.[0]
    const cookie = lines.map((line) => line.includes('06:00:00:01') && cookieOf(line)).find((one) => one)
    return lines.filter((line) => cookieOf(line) === cookie).length
  }
  await eventually('the table to be full', async () => {
    await sendFrames(machine('red2x'), all)
    return (await ofPort()) >= macsPerPort
  })
  expect(await ofPort()).toBe(macsPerPort)
  const seen = await whereEachArrives(places, {
    'one too many': [machine('red2x'), frame(machine('red1').mac, '06:00:00:02:00:00')],
    'another port': [machine('red6x'), frame(machine('red5').mac, stranger)],
    'to who is there': [machine('red1'), frame(stranger, machine('red1').mac)],
  })
  expect(seen).toEqual({ 'one too many': [], 'another port': ['red5'], 'to who is there': ['red6x'] })
}, 30_000)

test('how many, and for how long, an interface can say', async () => {
  const lines = await learnedOn('node1')
  const cookie = /cookie=\w+/.exec(
    lines.find((line) => line.includes(`dl_dst=${machine('blue2x').mac}`))!,
  )![0]
  const known = lines.filter((line) => line.includes(cookie)).length
  const settings = { mac_learning_limit: known + 2, mac_ageing_time: 20 }
  await network.host.api('PUT', '/interfaces/if-blue2x?wait=applied', settings)
  const from = ['06:00:00:03:00:01', '06:00:00:03:00:02', '06:00:00:03:00:03']
  const seen = await whereEachArrives(
    places,
    Object.fromEntries(from.map((mac) => [mac, [machine('blue2x'), frame(machine('blue1').mac, mac)]])),
  )
  expect(Object.values(seen)).toEqual([['blue1'], ['blue1'], []])
  const learned = (await learnedOn('node1')).filter((line) => line.includes('06:00:00:03'))
  expect(learned.map((line) => /hard_timeout=\d+/.exec(line)?.[0])).toEqual(Array(2).fill('hard_timeout=20'))
}, 30_000)

test('what was learned goes with its port, its segment, and its membership', async () => {
  await unplug(network.lab.hypervisor('node1'), machine('red2x'))
  await network.check()
  const stale = () => learnedOn('node1').then((lines) => lines.filter((line) => line.includes('06:00:00:01')))
  await eventually('nothing of the port to be known', async () => (await stale()).length === 0)
  await network.host.api('PUT', '/interfaces/if-red6x/segments/seg-red?wait=applied', { static: false })
  await network.host.api('PUT', '/interfaces/if-red6x/segments/seg-blue?wait=applied', { static: true })
  // It is of the other segment now, and of that alone.
  const seen = await whereEachArrives(places, {
    'to who was there': [machine('red1'), frame(stranger, machine('red1').mac)],
    'from it': [machine('red6x'), frame(broadcast, stranger)],
    'to it': [machine('blue1'), frame(stranger, machine('blue1').mac)],
  })
  expect(seen['to who was there'].sort()).toEqual(['red3', 'red4x', 'red5'])
  expect(seen['from it'].sort()).toEqual(['blue1', 'blue2x', 'blue3'])
  expect(seen['to it']).toEqual(['red6x'])
  await network.host.api('DELETE', '/segments/seg-blue?wait=applied')
  const left = await Promise.all(['node1', 'node2', 'node3'].map(learnedOn))
  expect(left.flat().filter((line) => line.includes(stranger))).toEqual([])
}, 30_000)
