import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { arp, broadcast, datagram, ethernet, gre, ipv4, udp } from '../../support/frames.ts'
import { received, type Seen } from './listen.ts'
import { planOf } from './plan.ts'
import { type Place, Rig, reaches } from './rig.ts'

let rig: Rig
let sender: Place
let near: Place
let peer: Place
let stranger: Place
let strangersNeighbour: Place
let far: Place
let key: number
const own = '10.0.0.1'
const relation = { node1: '', node2: '' }

/** Red has a machine on each node and a second one beside the first; blue is another network with the same addresses on the first. */
beforeAll(async () => {
  rig = await Rig.start(
    planOf({ node1: ['red1', 'red4', 'blue1', 'blue2'], node2: ['red2'], node3: ['red3'] }),
  )
  const red = rig.network()
  key = red.tunnel_key_id
  relation.node1 = rig.relationMac('node1', red)
  relation.node2 = rig.relationMac('node2', red)
  sender = await rig.place('red1', red, own)
  near = await rig.place('red4', red, '10.0.0.4')
  peer = await rig.place('red2', red, '10.0.0.2')
  far = await rig.place('red3', red, '10.0.0.3')
  const blue = rig.network()
  stranger = await rig.place('blue1', blue, '10.0.0.4')
  strangersNeighbour = await rig.place('blue2', blue, '10.0.0.5')
  await rig.install()
  // The first packets of a tunnel are lost while Open vSwitch looks for the next hop.
  await reaches(sender.machine, '10.0.0.3')
}, 60_000)
afterAll(() => rig?.stop())

const everyone = () => [sender, near, peer, far, stranger].map(({ machine }) => machine)
const nothing = { red1: [], red4: [], red2: [], red3: [], blue1: [] }
// `vlan` last: whatever comes after it is looked for behind a tag.
const filter =
  'udp port 7777 or udp port 7778 or arp or rarp or ip6 proto 59 or udp port 68 or ether proto 0x88cc or vlan'

/** Frames that arrive at everyone, whatever came before them: who has got them will get nothing of before. */
const markers = (): [Place, string][] =>
  (
    [
      [sender, own],
      [near, '10.0.0.4'],
      [strangersNeighbour, '10.0.0.5'],
    ] as const
  ).map(([from, address]) => [
    from,
    datagram([broadcast, from.machine.mac], address, '255.255.255.255', [7778, 7778]),
  ])
const isMarker = (line: string) => line.includes('.7778 >')

/** What machines have got of frames that came in at a port, by the time that they got what was sent after them. */
async function seenOf(node: string, port: number, ...frames: string[]): Promise<Seen> {
  const sendAll = async () => {
    await rig.inject(node, port, ...frames)
    for (const [from, frame] of markers()) await rig.inject('node1', from.port, frame)
  }
  const all = await received(everyone(), filter, sendAll, (seen) =>
    Object.values(seen).every((lines) => lines.some(isMarker)),
  )
  for (const [name, lines] of Object.entries(all))
    expect({ name, marked: lines.some(isMarker) }).toEqual({ name, marked: true })
  return Object.fromEntries(
    Object.entries(all).map(([name, lines]) => [name, lines.filter((line) => !isMarker(line))]),
  )
}

/** Without the answers to what the machines' own kernels ask for when they get a datagram. */
const unanswered = (seen: Seen): Seen =>
  Object.fromEntries(
    Object.entries(seen).map(([name, lines]) => [name, lines.filter((line) => !line.includes('Reply'))]),
  )

/** What machines get, once as many packets as expected have come. */
async function controlOf(
  expected: Readonly<Record<string, number>>,
  node: string,
  port: number,
  ...frames: string[]
) {
  const enough = (seen: Seen) =>
    Object.entries(expected).every(([name, count]) => unanswered(seen)[name]!.length >= count)
  return unanswered(await received(everyone(), filter, () => rig.inject(node, port, ...frames), enough))
}

describe('a machine sends with its own addresses only', () => {
  const foreign = '52:54:00:99:99:99'
  const frames = (): Record<string, string> => {
    const mac = sender.machine.mac
    const to = near.machine.mac
    const payload = ipv4(own, '10.0.0.4', 17, '1e611e61000900000000')
    return {
      'another MAC': datagram([to, foreign], own, '10.0.0.4'),
      'the MAC of a neighbour': datagram([to, peer.machine.mac], own, '10.0.0.4'),
      'another address': datagram([to, mac], '10.0.0.9', '10.0.0.4'),
      'the address of a neighbour': datagram([broadcast, mac], '10.0.0.2', '255.255.255.255'),
      'no address, and no DHCP client': datagram([broadcast, mac], '0.0.0.0', '255.255.255.255'),
      'ARP with another sender MAC': ethernet(
        broadcast,
        mac,
        0x0806,
        arp({ sha: foreign, spa: own, tpa: '10.0.0.77' }),
      ),
      'ARP with another frame MAC': ethernet(
        broadcast,
        foreign,
        0x0806,
        arp({ sha: mac, spa: own, tpa: '10.0.0.77' }),
      ),
      'ARP for another address': ethernet(
        broadcast,
        mac,
        0x0806,
        arp({ sha: mac, spa: '10.0.0.2', tpa: '10.0.0.77' }),
      ),
      'an ARP reply for another address': ethernet(
        to,
        mac,
        0x0806,
        arp({ op: 2, sha: mac, spa: '10.0.0.2', tha: to, tpa: '10.0.0.4' }),
      ),
      'a VLAN tag': ethernet(to, mac, 0x8100, `00640800${payload}`),
      'an 802.1ad tag': ethernet(to, mac, 0x88a8, `00640800${payload}`),
      'two tags': ethernet(to, mac, 0x88a8, `0064810000650800${payload}`),
      IPv6: ethernet(broadcast, mac, 0x86dd, `6000000000003bff${'00'.repeat(32)}`),
      'a DHCP server’s answer': datagram([broadcast, mac], own, '255.255.255.255', [67, 68]),
      'a DHCP answer from another port': datagram([broadcast, mac], own, '255.255.255.255', [7777, 68]),
      // Nobody puts the rest together without the first fragment, which has the ports.
      'a DHCP answer in fragments': ethernet(
        broadcast,
        mac,
        0x0800,
        ipv4(own, '255.255.255.255', 17, udp(67, 68, '00'.repeat(24)), '2000'),
      ),
      RARP: ethernet(broadcast, mac, 0x8035, arp({ op: 3, sha: mac, spa: own, tha: mac, tpa: own })),
      LLDP: ethernet('01:80:c2:00:00:0e', mac, 0x88cc, '0207'),
      'the broadcast MAC of the own datapath': datagram([relation.node1, mac], own, '10.0.0.4'),
      'the broadcast MAC of a peer': datagram([relation.node2, mac], own, '10.0.0.2'),
    }
  }

  test('as the control, frames with the right ones arrive', async () => {
    const mac = sender.machine.mac
    const seen = await controlOf(
      { red4: 3, red2: 3, red3: 3 },
      'node1',
      sender.port,
      datagram([near.machine.mac, mac], own, '10.0.0.4'),
      datagram([peer.machine.mac, mac], own, '10.0.0.2'),
      datagram([far.machine.mac, mac], own, '10.0.0.3'),
      datagram([broadcast, mac], own, '255.255.255.255'),
      ethernet(broadcast, mac, 0x0806, arp({ sha: mac, spa: own, tpa: '10.0.0.77' })),
    )
    for (const { machine } of [near, peer, far])
      expect([machine.name, seen[machine.name]!.length]).toEqual([machine.name, 3])
    expect(seen['red1']).toEqual([])
    expect(seen['blue1']).toEqual([])
  })

  test('anything else is dropped', async () => {
    for (const [what, frame] of Object.entries(frames()))
      expect({ what, seen: await seenOf('node1', sender.port, frame) }).toEqual({ what, seen: nothing })
  }, 60_000)
})

describe('frames from the wire', () => {
  const unknown = '52:54:00:88:88:88'
  const uplink = () => rig.uplink('node1')

  test('as the control, a peer’s interface is let in, by unicast and by the broadcast MAC', async () => {
    const mac = peer.machine.mac
    const seen = await controlOf(
      { red1: 2, red4: 1 },
      'node1',
      uplink(),
      datagram([sender.machine.mac, mac], '10.0.0.2', own),
      datagram([relation.node1, mac], '10.0.0.2', '255.255.255.255'),
    )
    expect({ ...seen, red1: seen['red1']!.length, red4: seen['red4']!.length }).toEqual({
      ...nothing,
      red1: 2,
      red4: 1,
    } as never)
    expect(seen['red4']![0]).toContain(`${mac} > ${broadcast}`)
  })

  test('strangers, own machines, and interfaces of peers that are behind a tunnel are not', async () => {
    const to = sender.machine.mac
    const frames = {
      'a stranger, by unicast': datagram([to, unknown], '10.0.0.2', own),
      'a stranger, by the broadcast MAC': datagram([relation.node1, unknown], '10.0.0.2', '255.255.255.255'),
      'a stranger, by broadcast': datagram([broadcast, unknown], '10.0.0.2', '255.255.255.255'),
      'a machine that is here': datagram([to, near.machine.mac], '10.0.0.4', own),
      'a machine that is behind a tunnel': datagram([to, far.machine.mac], '10.0.0.3', own),
      'a peer, by real broadcast': datagram([broadcast, peer.machine.mac], '10.0.0.2', '255.255.255.255'),
      'a peer, for a machine that is not here': datagram(
        [far.machine.mac, peer.machine.mac],
        '10.0.0.2',
        '10.0.0.3',
      ),
      'a peer, for another network': datagram(
        [stranger.machine.mac, peer.machine.mac],
        '10.0.0.2',
        '10.0.0.4',
      ),
      'a peer, tagged': ethernet(
        to,
        peer.machine.mac,
        0x8100,
        `00640800${ipv4('10.0.0.2', own, 17, '1e611e61000900000000')}`,
      ),
    }
    for (const [what, frame] of Object.entries(frames))
      expect({ what, seen: await seenOf('node1', uplink(), frame) }).toEqual({ what, seen: nothing })
  }, 60_000)
})

describe('frames from a tunnel', () => {
  const host = (n: number) => `02:00:00:00:00:0${n}`
  const encapsulated = (source: string, networkKey: number, frame: string) =>
    ethernet(host(1), '52:54:00:77:77:77', 0x0800, ipv4(source, '192.168.10.11', 47, gre(networkKey, frame)))
  const inner = () => datagram([sender.machine.mac, far.machine.mac], '10.0.0.3', own)

  test('as the control, a peer that has the network is let in', async () => {
    const all = datagram([broadcast, far.machine.mac], '10.0.0.3', '255.255.255.255')
    const seen = await controlOf(
      { red1: 2, red4: 1 },
      'node1',
      rig.uplink('node1'),
      encapsulated('192.168.20.13', key, inner()),
      encapsulated('192.168.20.13', key, all),
    )
    // A copy of a broadcast that came from a peer goes to no other: red2 is not behind this datapath.
    expect({ ...seen, red1: seen['red1']!.length, red4: seen['red4']!.length }).toEqual({
      ...nothing,
      red1: 2,
      red4: 1,
    } as never)
  })

  test('others are not, nor is another network', async () => {
    const frames = {
      'a stranger': encapsulated('192.168.20.99', key, inner()),
      'a peer of the wire': encapsulated('192.168.10.12', key, inner()),
      'a key that is no network’s': encapsulated('192.168.20.13', 4242, inner()),
      'the key of a network that the peer does not have': encapsulated('192.168.20.13', key + 1, inner()),
    }
    for (const [what, frame] of Object.entries(frames))
      expect({ what, seen: await seenOf('node1', rig.uplink('node1'), frame) }).toEqual({
        what,
        seen: nothing,
      })
  }, 60_000)
})
