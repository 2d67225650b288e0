import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { puntPoints } from '../../../functions/flows/pipeline.ts'
import { cookieOf } from '../../../runtime/openvnet.ts'
import { broadcast, datagram } from '../../support/frames.ts'
import { received } from './listen.ts'
import { planOf } from './plan.ts'
import { type Place, Rig, reaches } from './rig.ts'

const dhcpTable = 38
let rig: Rig
let one: Place
let two: Place
let bare: Place
let inner: Place[]

/** A network with a simulated DHCP server, one without, and an internal one on two hypervisors. */
beforeAll(async () => {
  rig = await Rig.start(planOf({ node1: ['red1', 'bare1', 'inner1', 'inner2'], node2: ['red2', 'inner3'] }))
  const red = rig.network()
  rig.world.simulated(red, '52:54:00:05:05:05', '10.0.0.254', ['dhcp'])
  one = await rig.place('red1', red, '10.0.0.1')
  two = await rig.place('red2', red, '10.0.0.2')
  bare = await rig.place('bare1', rig.network(), '10.0.0.1')
  const internal = rig.network({ mode: 'internal' })
  inner = [
    await rig.place('inner1', internal, '10.9.0.1'),
    await rig.place('inner2', internal, '10.9.0.2'),
    await rig.place('inner3', internal, '10.9.0.3'),
  ]
  await rig.install()
}, 60_000)
afterAll(() => rig?.stop())

describe('a simulated interface', () => {
  test('answers ARP and echo requests on every hypervisor, whatever their size in one packet', async () => {
    for (const { machine } of [one, two]) {
      await reaches(machine, '10.0.0.254')
      const output = await machine.exec(
        'ping',
        '-n',
        '-c',
        '3',
        '-i',
        '0.2',
        '-W',
        '2',
        '-s',
        '1400',
        '10.0.0.254',
      )
      expect(output).toContain(' 0% packet loss')
    }
    expect(await one.machine.exec('ip', 'neighbour', 'show', '10.0.0.254')).toContain('52:54:00:05:05:05')
  })

  test('is in its own network only', async () => {
    expect(await bare.machine.ping('10.0.0.254')).toBeNull()
  })
})

describe('DHCP clients', () => {
  const discover = ({ machine }: Place, source = '0.0.0.0', to = broadcast, address = '255.255.255.255') =>
    datagram([to, machine.mac], source, address, [68, 67])
  const cookie = ({ iface }: Place) => `cookie=0x${cookieOf(puntPoints.dhcp, iface.id).toString(16)},`
  const punted = (place: Place, node = 'node1') =>
    rig.hits(node, dhcpTable, (line) => line.includes(cookie(place)))

  test('are handed to the DHCP function by what they say without an address and with their own', async () => {
    const before = await punted(one)
    const seen = await received([one.machine, two.machine], 'udp port 67', () =>
      rig.inject(
        'node1',
        one.port,
        discover(one),
        discover(one, '10.0.0.1', '52:54:00:05:05:05', '10.0.0.254'),
      ),
    )
    expect(await punted(one)).toBe(before + 2)
    expect(seen).toEqual({ red1: [], red2: [] })
  })

  test('are not, with an address that is not theirs, or without a service in the network', async () => {
    const before = [await punted(one), await punted(bare)]
    await rig.inject('node1', one.port, discover(one, '10.0.0.9'), discover(two))
    await rig.inject('node1', bare.port, discover(bare))
    expect([await punted(one), await punted(bare)]).toEqual(before)
  })

  test('of one interface cost the host no more than its meter lets through', async () => {
    const { openVswitch } = rig.node('node2').hypervisor
    const meters = async () => {
      const text = await openVswitch.ofctl('meter-stats', `unix:${await openVswitch.mgmt('br0')}`)
      const of = (id: number) => {
        const [, packets, dropped] =
          new RegExp(`meter:${id} .*?packet_in_count:(\\d+)[^\\n]*\\n0: packet_count:(\\d+)`).exec(text) ?? []
        return { packets: Number(packets), dropped: Number(dropped) }
      }
      return { own: of(two.port), datapath: of(0xffff) }
    }
    const before = await meters()
    // Open vSwitch takes some dozens of management connections at once.
    const senders = Array.from({ length: 20 }, () => Array(5).fill(discover(two)))
    await Promise.all(senders.map((frames) => rig.inject('node2', two.port, ...frames)))
    const after = await meters()
    expect(after.own.packets - before.own.packets).toBe(100)
    expect(after.own.dropped - before.own.dropped).toBeGreaterThan(20)
    expect(after.datapath.packets - before.datapath.packets).toBe(
      after.own.packets - before.own.packets - (after.own.dropped - before.own.dropped),
    )
  }, 60_000)
})

describe('an internal network', () => {
  test('is local: neighbours reach each other, nobody reaches another hypervisor', async () => {
    const [first, , elsewhere] = inner as [Place, Place, Place]
    await reaches(first.machine, '10.9.0.2')
    const all = inner.map(({ machine }) => machine)
    const frames = [
      datagram([broadcast, first.machine.mac], '10.9.0.1', '255.255.255.255'),
      datagram([elsewhere.machine.mac, first.machine.mac], '10.9.0.1', '10.9.0.3'),
    ]
    const seen = await received(
      all,
      'udp port 7777',
      () => rig.inject('node1', first.port, ...frames),
      (lines) => lines['inner2']!.length > 0,
    )
    expect({ ...seen, inner2: seen['inner2']!.length }).toEqual({
      inner1: [],
      inner2: 1,
      inner3: [],
    } as never)
  })
})
