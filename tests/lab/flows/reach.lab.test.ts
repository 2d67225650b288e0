import { afterAll, beforeAll, expect, test } from 'bun:test'
import { arp, broadcast, datagram, ethernet } from '../../support/frames.ts'
import { received } from './listen.ts'
import { planOf } from './plan.ts'
import { type Place, Rig, reaches } from './rig.ts'

const tableHitsMax = 10
const colours = ['gre', 'vxlan', 'geneve'] as const
type Colour = (typeof colours)[number]

let rig: Rig
const places = {} as Record<Colour, Place[]>

/** Three networks with the same addresses, each with two machines on node 1 and one on each other. */
beforeAll(async () => {
  const names = (node: number) => colours.map((colour) => `${colour}${node}`)
  rig = await Rig.start(planOf({ node1: [...names(1), ...names(4)], node2: names(2), node3: names(3) }))
  for (const colour of colours) {
    const network = rig.network({ encapsulation: colour })
    places[colour] = await Promise.all(
      [1, 2, 3, 4].map((n) => rig.place(`${colour}${n}`, network, `10.0.0.${n}`)),
    )
  }
  await rig.install()
  for (const name of ['node1', 'node2', 'node3']) expect(rig.flowsOf(name).tunnelPorts).toHaveLength(3)
}, 60_000)
afterAll(() => rig?.stop())

const machines = (colour: Colour) => places[colour].map(({ machine }) => machine)
const others = (colour: Colour) => colours.filter((other) => other !== colour).flatMap(machines)

for (const colour of colours)
  test(`${colour}: everyone in the network reaches everyone, and nobody else sees it`, async () => {
    const own = machines(colour)
    const seen = await received([...own, ...others(colour)], 'icmp or arp', async () => {
      for (const from of own)
        for (const to of [1, 2, 3, 4]) if (from !== own[to - 1]) await reaches(from, `10.0.0.${to}`)
    })
    for (const machine of own) expect(seen[machine.name]!.join('\n')).toContain('ICMP echo reply')
    for (const machine of others(colour)) expect(seen[machine.name]).toEqual([])
  }, 60_000)

test('an ARP request for a known address is answered from the state, and goes nowhere', async () => {
  const [asker, , asked] = machines('gre')
  const seen = await received(machines('gre'), 'arp', () =>
    asker!.exec('arping', '-c', '1', '-w', '2', '-I', 'eth0', '10.0.0.3'),
  )
  expect(seen[asker!.name]).toHaveLength(1)
  expect(seen[asker!.name]![0]).toContain(`Reply 10.0.0.3 is-at ${asked!.mac}`)
  for (const machine of machines('gre').slice(1)) expect(seen[machine.name]).toEqual([])
})

test('an announcement reaches everyone in the network once, a probe of the own address gets no answer', async () => {
  const [{ machine, port }] = places.gre as [Place]
  const announcement = arp({ sha: machine.mac, spa: '10.0.0.1', tpa: '10.0.0.1' })
  const probe = arp({ sha: machine.mac, spa: '0.0.0.0', tpa: '10.0.0.1' })
  const all = colours.flatMap(machines)
  for (const payload of [announcement, probe]) {
    const seen = await received(
      all,
      'arp',
      () => rig.inject('node1', port, ethernet(broadcast, machine.mac, 0x0806, payload)),
      (lines) =>
        machines('gre')
          .slice(1)
          .every(({ name }) => lines[name]!.length > 0),
    )
    expect(seen[machine.name]).toEqual([])
    for (const other of machines('gre').slice(1)) {
      expect(seen[other.name]).toHaveLength(1)
      // Over the wire it travelled as unicast; here it is a broadcast again.
      expect(seen[other.name]![0]).toContain(`${machine.mac} > ${broadcast}`)
    }
    for (const stranger of others('gre')) expect(seen[stranger.name]).toEqual([])
  }
  const foreign = await received([machine], 'arp', () =>
    rig.inject(
      'node1',
      port,
      ethernet(broadcast, machine.mac, 0x0806, arp({ sha: machine.mac, spa: '0.0.0.0', tpa: '10.0.0.2' })),
    ),
  )
  expect(foreign[machine.name]!.join()).toContain('Reply 10.0.0.2')
})

test('what is for a group keeps the MAC of the group on every way', async () => {
  const [{ machine, port }] = places.gre as [Place]
  const group = '01:00:5e:7f:01:fb'
  const seen = await received(
    machines('gre'),
    'udp port 7777',
    () => rig.inject('node1', port, datagram([group, machine.mac], '10.0.0.1', '239.255.1.251')),
    (lines) =>
      machines('gre')
        .slice(1)
        .every(({ name }) => lines[name]!.length > 0),
  )
  for (const other of machines('gre').slice(1)) {
    expect(seen[other.name]).toHaveLength(1)
    expect(seen[other.name]![0]).toContain(`${machine.mac} > ${group}`)
  }
})

test('a packet between machines crosses few tables', async () => {
  const trace = async (node: string, flow: string) => {
    const { openVswitch } = rig.node(node).hypervisor
    const text = await openVswitch.appctl('ofproto/trace', 'br0', flow)
    expect(text).toMatch(/Datapath actions: (?!drop)/)
    return text.split('\n').filter((line) => /^ *\d+\. /.test(line)).length
  }
  const [from, wire, tunnel, same] = places.gre as [Place, Place, Place, Place]
  const ip = (to: Place, n: number) =>
    `dl_src=${from.machine.mac},dl_dst=${to.machine.mac},ip,nw_src=10.0.0.1,nw_dst=10.0.0.${n}`
  const uplink = await rig.node('node2').hypervisor.openVswitch.vsctl('get', 'interface', 'eth0', 'ofport')
  const hits = {
    sameHost: await trace('node1', `in_port=${from.port},${ip(same, 4)}`),
    toWire: await trace('node1', `in_port=${from.port},${ip(wire, 2)}`),
    fromWire: await trace('node2', `in_port=${uplink},${ip(wire, 2)}`),
    // With the tables that the outer packet crosses from the host to the wire.
    toTunnel: await trace('node1', `in_port=${from.port},${ip(tunnel, 3)}`),
  }
  expect(hits).toEqual({ sameHost: 5, toWire: 5, fromWire: 4, toTunnel: 9 })
  expect(Math.max(...Object.values(hits))).toBeLessThanOrEqual(tableHitsMax)
})
