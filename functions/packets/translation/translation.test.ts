import { expect, test } from 'bun:test'
import { silent } from '../../../runtime/log.ts'
import {
  type Effect,
  formatIpv4,
  parseEthernet,
  parseIpv4Header,
  readIcmpQuote,
} from '../../../runtime/openvnet.ts'
import { ethernet, ipv4, udp } from '../../../tests/support/frames.ts'
import { ip, World } from '../../../tests/support/world.ts'
import { pipeline } from '../../flows/pipeline.ts'
import { punted } from '../../testing/packet.ts'
import translation from './translation.ts'

const routerMac = '52:54:00:00:00:fe'
const guest = '52:54:00:00:00:01'

function translatedWorld() {
  const world = new World()
  const outer = world.network({ ipv4_network: ip('10.2.0.0') })
  const gateway = world.routerIn(outer, routerMac, '10.2.0.1')
  world.update('interfaces', gateway.id, { enable_route_translation: true })
  const link = world.routeLink()
  const row = { interface_id: gateway.id, mode: 'static_address' as const }
  const { id: translation_id } = world.add('translations', row)
  const pair = (outside: string, inside: string, ports: object = {}) =>
    world.add('translationStaticAddresses', {
      ...{ translation_id, route_link_id: link.id, ...ports },
      ...{ ingress_ipv4_address: ip(outside), egress_ipv4_address: ip(inside) },
    })
  pair('10.2.0.101', '10.1.0.11')
  pair('10.2.0.101', '10.1.0.12', { ingress_port_number: 80, egress_port_number: 8080 })
  const member = world.rows('interfaceNetworks').find((one) => one.interface_id === gateway.id)!
  return { world, link, member, translation_id }
}
const { world, link, member, translation_id } = translatedWorld()

const frameOf = (packet: string) => Uint8Array.fromHex(ethernet(routerMac, guest, 0x0800, packet))

type Mark = keyof typeof pipeline.registers.translation.values
function effectOf(mark: Mark, packet: string, state = world.state()): Effect {
  const { translation: mark_, outRouter, routeLink } = pipeline.registers
  const values = new Map<number, number>([
    [mark_.bits[0], mark_.values[mark] << mark_.bits[1]],
    [outRouter.bits[0], member.id],
    [routeLink.bits[0], link.tunnel_key_id],
  ])
  const frame = frameOf(packet)
  const env = { state, now: 0, random: () => 0, log: silent, remembered: () => undefined }
  const register = (number: number) => values.get(number) ?? 0
  return translation.handle(punted(frame, { register }), { ...env, draft: () => state as never }) as Effect
}

/** An error about a datagram. */
const errorAbout = (source: string, destination: string, quoted: string) =>
  ipv4(source, destination, 1, `030300000000${'0000'}${quoted}`)
const datagram = (source: string, destination: string, ports: [number, number]) =>
  ipv4(source, destination, 17, udp(...ports))

/** Its ends, and those of what it quotes. All checksums must be right. */
function read(effect: Effect) {
  if (effect.type !== 'packet-out' || effect.frame === null) throw new Error(JSON.stringify(effect))
  const view = new DataView(effect.frame.buffer)
  const outer = parseIpv4Header(view, parseEthernet(view)!.payload)!
  const quote = readIcmpQuote(view, outer)!
  for (const [from, length] of [
    [14, 20],
    [outer.payload, outer.end - outer.payload],
    [quote.at, 20],
  ] as const) {
    let sum = 0
    for (let at = from; at < from + length; at += 2)
      sum += at + 1 < from + length ? view.getUint16(at) : view.getUint8(at) << 8
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
    expect(sum).toBe(0xffff)
  }
  const port = (offset: number) => view.getUint16(quote.payload + offset)
  return [
    `${formatIpv4(outer.source)} > ${formatIpv4(outer.destination)}`,
    `${formatIpv4(quote.source)}:${port(0)} > ${formatIpv4(quote.destination)}:${port(2)}`,
  ]
}

test('an error from outside is told to the address inside, about what that sent', () => {
  const about = (port: number) =>
    read(
      effectOf(
        'inward',
        errorAbout('10.9.0.1', '10.2.0.101', datagram('10.2.0.101', '10.9.0.2', [port, 53])),
      ),
    )
  expect(about(7777)).toEqual(['10.9.0.1 > 10.1.0.11', '10.1.0.11:7777 > 10.9.0.2:53'])
  expect(about(80)).toEqual(['10.9.0.1 > 10.1.0.12', '10.1.0.12:8080 > 10.9.0.2:53'])
})

test('an error from inside comes from the address outside, whoever tells of it', () => {
  const about = (teller: string, inside: string, port: number) =>
    read(effectOf('outward', errorAbout(teller, '10.9.0.2', datagram('10.9.0.2', inside, [53, port]))))
  expect(about('10.1.0.11', '10.1.0.11', 9)).toEqual(['10.2.0.101 > 10.9.0.2', '10.9.0.2:53 > 10.2.0.101:9'])
  expect(about('10.1.0.99', '10.1.0.12', 8080)).toEqual([
    '10.2.0.101 > 10.9.0.2',
    '10.9.0.2:53 > 10.2.0.101:80',
  ])
})

test('what is not translated stays inside, unless it passes as it is', () => {
  const error = errorAbout('10.1.0.13', '10.9.0.2', datagram('10.9.0.2', '10.1.0.13', [53, 9]))
  expect(effectOf('outward', error)).toEqual({ type: 'drop', reason: 'not-translated' })
  const foreign = errorAbout('10.9.0.1', '10.2.0.101', datagram('10.2.0.102', '10.9.0.2', [9, 53]))
  expect(effectOf('inward', foreign)).toEqual({ type: 'drop', reason: 'not-translated' })
  world.update('translations', translation_id, { passthrough: true })
  expect(effectOf('outward', error)).toMatchObject({ type: 'packet-out', frame: frameOf(error) })
  world.update('translations', translation_id, { passthrough: false })
})

test('no bytes in place of a packet make it throw', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  const state = world.state()
  const error = errorAbout('10.9.0.1', '10.2.0.101', datagram('10.2.0.101', '10.9.0.2', [9, 53]))
  for (let round = 0; round < 2_000; round++) {
    const bytes = Uint8Array.fromHex(error)
    for (let flips = random(6); flips > 0; flips--) bytes[random(bytes.length)] = random(256)
    const packet = bytes.subarray(0, random(bytes.length + 1)).toHex()
    effectOf(round % 2 === 0 ? 'inward' : 'outward', packet, state)
  }
})
