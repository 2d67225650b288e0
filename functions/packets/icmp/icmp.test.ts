import { expect, test } from 'bun:test'
import { eventLimits } from '../../../runtime/dispatch/limits.ts'
import { silent } from '../../../runtime/log.ts'
import {
  type Effect,
  formatIpv4,
  formatMac,
  parseEthernet,
  parseIpv4Header,
} from '../../../runtime/openvnet.ts'
import { ethernet, ipv4, udp } from '../../../tests/support/frames.ts'
import { ip, World } from '../../../tests/support/world.ts'
import { pipeline } from '../../flows/pipeline.ts'
import { punted } from '../../testing/packet.ts'
import icmp from './icmp.ts'

const guest = '52:54:00:00:00:01'
const router = '52:54:00:00:00:fe'

function routedState() {
  const world = new World()
  const red = world.network({ ipv4_network: ip('10.1.0.0') })
  const green = world.network({ ipv4_network: ip('10.2.0.0'), encapsulation: 'vxlan' })
  const machine = world.machine(red, 1, 10, guest, '10.1.0.11')
  // A router interface with an address in another network before that in the sender's.
  const gateway = world.routerIn(green, router, '10.2.0.1')
  world.lease(gateway.macLease, red, '10.1.0.1')
  return { world, red, green, machine }
}
const { world, green, machine } = routedState()
const state = world.state()

type Mark = keyof typeof pipeline.registers.icmpError.values
const registers = (mark: Mark, key: number) => (number: number) => {
  const { icmpError, network } = pipeline.registers
  if (number === icmpError.bits[0]) return icmpError.values[mark] << icmpError.bits[1]
  return number === network.bits[0] ? key : 0
}

/** Sent to another address and port than it has by now. */
const asked = { address: '10.2.0.80', port: 80 }
const registersOfAsked = (number: number) => {
  const { asked: address, askedPort } = pipeline.registers
  if (number === address.bits[0]) return ip(asked.address)
  return number === askedPort.bits[0] ? asked.port : undefined
}

/** The one effect of a punted frame. */
function told(
  mark: Mark,
  frame: string,
  key = green.tunnel_key_id,
  more: (number: number) => number | undefined = () => undefined,
): Effect {
  const known = registers(mark, key)
  const register = (number: number) => more(number) ?? known(number)
  const packet = punted(Uint8Array.fromHex(frame), { objectId: machine.id, register })
  const env = {
    state,
    now: 0,
    random: () => 0,
    log: silent,
    draft: () => state as never,
    remembered: () => undefined,
  }
  return icmp.handle(packet, env) as Effect
}

const datagram = (destination = '10.2.0.99', payload = udp(1234, 4321, '00'.repeat(16))) =>
  ipv4('10.1.0.11', destination, 17, payload)
const frame = (packet = datagram()) => ethernet(router, guest, 0x0800, packet)

/** What the sender reads. */
function read(effect: Effect) {
  if (effect.type !== 'packet-out') throw new Error(JSON.stringify(effect))
  expect(effect.port).toBe('OFPP_IN_PORT')
  const bytes = effect.frame!
  const view = new DataView(bytes.buffer)
  const outer = parseEthernet(view)!
  const header = parseIpv4Header(view, outer.payload)!
  return {
    from: `${formatMac(outer.source)} ${formatIpv4(header.source)}`,
    to: `${formatMac(outer.destination)} ${formatIpv4(header.destination)}`,
    protocol: header.protocol,
    kind: [view.getUint8(header.payload), view.getUint8(header.payload + 1)],
    mtu: view.getUint16(header.payload + 6),
    quoted: bytes.subarray(header.payload + 8, header.end).toHex(),
    length: header.totalLength,
  }
}

test('the sender is told by the address of the router in its own network, with the packet that it sent', () => {
  expect(read(told('hostUnreachable', frame()))).toEqual({
    from: `${router} 10.1.0.1`,
    to: `${guest} 10.1.0.11`,
    protocol: 1,
    kind: [3, 1],
    mtu: 0,
    quoted: datagram(),
    length: 20 + 8 + datagram().length / 2,
  })
})

test.each([
  ['networkUnreachable', [3, 0]],
  ['hostUnreachable', [3, 1]],
  ['portUnreachable', [3, 3]],
  ['fragmentationNeeded', [3, 4]],
  ['timeExceeded', [11, 0]],
] as const)('%s is %j', (mark, kind) => {
  expect(read(told(mark, frame(uncut(datagram())))).kind).toEqual([...kind])
})

const uncut = (packet: string) => packet.replace('0000000040', '0000400040')

test('a packet that is too large is told what the network that it is to go to carries', () => {
  expect(read(told('fragmentationNeeded', frame(uncut(datagram())))).mtu).toBe(1450)
})

test('what a translation has sent elsewhere is quoted as its sender sent it', () => {
  const sent = uncut(datagram(asked.address, udp(1234, asked.port, '00'.repeat(16))))
  const is = uncut(datagram('10.2.0.99', udp(1234, 4321, '00'.repeat(16))))
  const { mtu, quoted } = read(told('fragmentationNeeded', frame(is), green.tunnel_key_id, registersOfAsked))
  // But for checksums of the packet that was sent, which stand for its addresses.
  expect([mtu, quoted.slice(0, 20), quoted.slice(24, 52)]).toEqual([
    1450,
    sent.slice(0, 20),
    sent.slice(24, 52),
  ])
})

test('one that may be cut goes on in pieces, from the port that it came from', () => {
  const long = datagram('10.2.0.99', udp(1, 2, 'ab'.repeat(1450)))
  const pieces = told('fragmentationNeeded', frame(long)) as unknown as readonly Effect[]
  const lengths = pieces.map((effect) => {
    if (effect.type !== 'packet-out') throw new Error(effect.type)
    expect([effect.port, effect.inPort]).toEqual(['OFPP_TABLE', 1])
    expect(effect.frame!.subarray(0, 14).toHex()).toBe(frame().slice(0, 28))
    return effect.frame!.length - 14
  })
  expect(lengths).toEqual([1444, 20 + 1458 - 1424])
})

test('what would be more pieces than one event may send is dropped whole', () => {
  // Of 1,424 bytes each.
  const most = datagram('10.2.0.99', udp(1, 2, 'ab'.repeat(32 * 1424 - 8)))
  expect(told('fragmentationNeeded', frame(most))).toHaveLength(eventLimits.packetOutsMax)
  const more = datagram('10.2.0.99', udp(1, 2, 'ab'.repeat(32 * 1424 - 7)))
  expect(told('fragmentationNeeded', frame(more))).toEqual({ type: 'drop', reason: 'too-many-pieces' })
})

test('no bytes in place of a packet make it throw', () => {
  let state = 7
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
  const marks = Object.keys(pipeline.registers.icmpError.values) as Mark[]
  for (let round = 0; round < 2_000; round++) {
    const bytes = Uint8Array.fromHex(frame())
    for (let flips = random(6); flips > 0; flips--) bytes[random(bytes.length)] = random(256)
    told(marks[random(marks.length)]!, bytes.subarray(0, random(bytes.length + 1)).toHex())
  }
})

test('a protocol without ports is unreachable as a protocol', () => {
  const packet = ipv4('10.1.0.11', '10.2.0.1', 47, '00'.repeat(20))
  expect(read(told('portUnreachable', frame(packet))).kind).toEqual([3, 2])
})

test('an error says no more than 576 bytes, and its checksum is right', () => {
  const long = datagram('10.2.0.99', udp(1, 2, 'ab'.repeat(1400)))
  const effect = told('timeExceeded', frame(long))
  expect(read(effect)).toMatchObject({ length: 576, quoted: long.slice(0, 2 * 548) })
  const bytes = effect.type === 'packet-out' ? effect.frame! : new Uint8Array()
  const view = new DataView(bytes.buffer, 14 + 20)
  let sum = 0
  for (let at = 0; at < view.byteLength; at += 2) sum += view.getUint16(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  expect(sum).toBe(0xffff)
})

test.each([
  ['an ICMP error', frame(ipv4('10.1.0.11', '10.2.0.99', 1, `0b00${'00'.repeat(30)}`)), 'icmp-error'],
  ['a later fragment', frame(datagram().replace('0000000040', '0000000540')), 'fragment'],
  ['the broadcast of the network', frame(datagram('10.2.0.255')), 'broadcast'],
  ['the address of the network itself', frame(datagram('10.2.0.0')), 'broadcast'],
  ['a broadcast frame', ethernet('ff:ff:ff:ff:ff:ff', guest, 0x0800, datagram()), 'broadcast'],
  [
    'a frame to what is no router',
    ethernet(guest, guest, 0x0800, ipv4('10.1.0.12', '10.2.0.9', 17, udp(1, 2))),
    'no-router',
  ],
  ['what is no IPv4', ethernet(router, guest, 0x86dd, '60'.padEnd(80, '0')), 'not-ip'],
  ['a header that is cut', ethernet(router, guest, 0x0800, datagram()).slice(0, 60), 'not-ip'],
])('%s is not answered', (_, sent, reason) => {
  expect(told('hostUnreachable', sent)).toEqual({ type: 'drop', reason })
})

test('an echo request of a router is answered by flows, and any other ICMP by nobody', () => {
  const timestamp = ipv4('10.1.0.11', '10.2.0.1', 1, `0d00${'00'.repeat(18)}`)
  expect(told('portUnreachable', frame(timestamp))).toEqual({ type: 'drop', reason: 'no-service' })
  expect(read(told('hostUnreachable', frame(timestamp))).kind).toEqual([3, 1])
})

test('a packet that nothing happened to is a fault of the flows', () => {
  expect(told('none', frame())).toEqual({ type: 'drop', reason: 'no-error' })
})
