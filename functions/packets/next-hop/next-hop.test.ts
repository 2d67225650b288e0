import { describe, expect, test } from 'bun:test'
import { silent } from '../../../runtime/log.ts'
import {
  type Effect,
  formatIpv4,
  formatMac,
  type PacketFunction,
  parseArp,
  parseEthernet,
  parseIpv6Header,
  parseSolicitation,
} from '../../../runtime/openvnet.ts'
import { arp, ethernet, ipv4, udp } from '../../../tests/support/frames.ts'
import { correct, datagram6, discovery, ipv6Hex, targetOption } from '../../../tests/support/frames-ipv6.ts'
import { ip, World } from '../../../tests/support/world.ts'
import { pipeline } from '../../flows/pipeline.ts'
import { learning } from '../../flows/routers/way-out.ts'
import { punted } from '../../testing/packet.ts'
import nextHopRefresh from '../next-hop-refresh/next-hop-refresh.ts'
import nextHopReply from '../next-hop-reply/next-hop-reply.ts'
import nextHop from './next-hop.ts'

const guest = '52:54:00:00:00:01'
const router = '52:54:00:00:00:fe'
const outer = '02:00:00:00:00:fe'
const server = '52:54:00:00:00:50'
const hop = '172.16.0.50'
const outer6 = '2001:db8::fe'
const hop6 = '2001:db8::50'
const dpid = (n: number) => `0x${`${n}`.padStart(16, '0')}`

/** A router out of a virtual network, on two hypervisors: the first one speaks for it. */
function someNetwork() {
  const world = new World()
  const physical = world.network({
    ...{ mode: 'physical', ipv4_network: ip('172.16.0.0'), ipv6_network: '2001:db8::', ipv6_prefix: 64 },
  })
  const red = world.network({ ipv4_network: ip('10.1.0.0') })
  const nodes = [1, 2].map((n) => {
    const node = world.hypervisor(physical, `172.16.0.${10 + n}`, `02:00:00:00:00:0${n}`, n)
    world.update('datapaths', node.id, { dpid: dpid(n) })
    return node
  })
  const machine = world.machine(red, nodes[0]!.id, 10, guest, '10.1.0.11')
  const link = world.routeLink()
  world.route(link, world.routerIn(red, router, '10.1.0.1'), red, '10.1.0.0/24')
  const out = world.routerIn(physical, outer, '172.16.0.254')
  world.route(link, out, physical, '172.16.0.0/24')
  const lease = world.find('ipLeases', { interface_id: out.id, network_id: physical.id })
  world.update('ipLeases', lease, { ipv6_address: outer6 })
  const memberId = world.find('interfaceNetworks', { interface_id: out.id, network_id: physical.id })
  const fields = { network: physical.tunnel_key_id, nextHop: ip(hop), outRouter: memberId }
  const register = (number: number) =>
    Object.entries(fields).reduce((sum, [name, value]) => {
      const [of, offset] = pipeline.registers[name as keyof typeof fields].bits
      return of === number ? sum + value * 2 ** offset : sum
    }, 0)
  return { state: world.state(), machine, register }
}
const { state, machine, register } = someNetwork()
const memories = new Map<string, Uint8Array>()

/** What a function does, and that what it remembers is remembered. */
function run(from: PacketFunction, frame: string, now: number, on = 1): readonly Effect[] {
  const packet = punted(Uint8Array.fromHex(frame), { dpid: dpid(on), objectId: machine.id, register })
  const remembered = (key: string) => {
    const bytes = memories.get(key)
    return bytes && { bytes, ageMs: 0 }
  }
  const env = { state, now, random: () => 0, log: silent, draft: () => state as never, remembered }
  const effects = [from.handle(packet, env) ?? []].flat() as Effect[]
  for (const effect of effects) if (effect.type === 'remember') memories.set(effect.key, effect.bytes)
  return effects
}
const packet = ethernet(router, guest, 0x0800, ipv4('10.1.0.11', hop, 17, udp(1, 2)))
const reply = ethernet(outer, server, 0x0806, arp({ op: 2, sha: server, spa: hop, tpa: '172.16.0.254' }))

/** What flows that a switch learns are told apart by. */
function keyOfLearned(family: 'ipv4' | 'ipv6') {
  const { priority, match, ...type } = learning(1, family)[0].flow
  return { priority, fields: match.length + ('ethernetType' in type ? 1 : 0) }
}
function keyOfPut(effect: Effect | undefined) {
  if (effect?.type !== 'put-flow') throw new Error(JSON.stringify(effect))
  return { priority: effect.flow.priority, fields: effect.flow.match.length }
}
const kinds = (effects: readonly Effect[]) => effects.map(({ type }) => type)

/** Who asks, for whom, out of which port. */
function asked(effects: readonly Effect[]) {
  const [effect] = effects
  if (effect?.type !== 'packet-out' || effect.frame === null) throw new Error(JSON.stringify(effects))
  const { senderIpv4, targetIpv4 } = parseArp(new DataView(effect.frame.buffer), 14)!
  return [formatIpv4(senderIpv4), formatIpv4(targetIpv4), effect.port]
}

describe('a packet to a next hop that is not known', () => {
  test('waits while that is asked for, three times, and then its sender is told', () => {
    memories.clear()
    const first = run(nextHop, packet, 0)
    expect(asked(first)).toEqual(['172.16.0.254', hop, 1])
    expect(kinds(first)).toEqual(['packet-out', 'remember', 'hold'])
    expect(kinds(run(nextHop, packet, 500))).toEqual(['hold'])
    for (const now of [1_000, 2_000])
      expect(kinds(run(nextHop, packet, now))).toEqual(['packet-out', 'remember', 'hold'])
    const last = run(nextHop, packet, 3_000)
    expect(kinds(last)).toEqual(['remember', 'packet-out'])
    expect(last[1]).toMatchObject({ port: 'OFPP_IN_PORT' })
    expect(kinds(run(nextHop, packet, 3_100))).toEqual(['packet-out'])
  })

  test('goes on with the answer', () => {
    memories.clear()
    run(nextHop, packet, 0)
    expect(kinds(run(nextHopReply, reply, 5))).toEqual(['remember', 'run-again'])
    const [effect] = run(nextHop, packet, 6)
    expect(effect).toMatchObject({ type: 'packet-out', frame: null })
    expect(JSON.stringify(effect, (_, v) => (typeof v === 'bigint' ? `${v}` : v))).toContain(server)
  })

  test('is asked for under the address of the host where that does not speak for the router', () => {
    memories.clear()
    expect(asked(run(nextHop, packet, 0, 2))).toEqual(['172.16.0.12', hop, 2])
  })
})

test('what was asked for a while ago is asked for again while packets go on, and forgotten without an answer', () => {
  memories.clear()
  for (const now of [0, 1_000, 2_000])
    expect(kinds(run(nextHopRefresh, packet, now))).toEqual(['packet-out', 'remember'])
  expect(run(nextHopRefresh, packet, 2_500)).toEqual([{ type: 'drop', reason: 'asked' }])
  const [forgotten] = run(nextHopRefresh, packet, 3_000)
  expect(forgotten).toMatchObject({ type: 'put-flow', dpid: dpid(1), hardSeconds: 5 })
  expect(keyOfPut(forgotten)).toEqual(keyOfLearned('ipv4'))
})

test('an answer that nobody has asked for lets nobody go', () => {
  memories.clear()
  expect(run(nextHopReply, reply, 0)).toEqual([{ type: 'drop', reason: 'not-asked' }])
  expect(run(nextHopReply, packet, 0)).toEqual([{ type: 'drop', reason: 'no-answer' }])
})

describe('by IPv6', () => {
  const macs = [router, guest] as const
  const packet6 = datagram6(macs, '2001:db8:1::11', hop6)
  const reply6 = correct(
    discovery([outer, server], hop6, outer6, 136, `60000000${ipv6Hex(hop6)}${targetOption(server)}`),
  )
  /** Who asks, for whom, by which group. */
  function solicited(effects: readonly Effect[]) {
    const [effect] = effects
    if (effect?.type !== 'packet-out' || effect.frame === null) throw new Error(JSON.stringify(effects))
    const view = new DataView(effect.frame.buffer)
    const header = parseIpv6Header(view, 14)!
    const group = formatMac(parseEthernet(view)!.destination)
    return [header.source, parseSolicitation(view, header)!.target, group, effect.port]
  }

  test('who has the address is solicited, and the packet goes on with the advertisement', () => {
    memories.clear()
    const first = run(nextHop, packet6, 0)
    expect(solicited(first)).toEqual([outer6, hop6, '33:33:ff:00:00:50', 1])
    expect(kinds(first)).toEqual(['packet-out', 'remember', 'hold'])
    expect(kinds(run(nextHopReply, reply6, 5))).toEqual(['remember', 'run-again'])
    const [effect] = run(nextHop, packet6, 6)
    expect(JSON.stringify(effect, (_, v) => (typeof v === 'bigint' ? `${v}` : v))).toContain(server)
    expect(run(nextHopReply, packet6, 6)).toEqual([{ type: 'drop', reason: 'no-answer' }])
  })

  test('a host asks under the address that it makes of its MAC, and senders are told at last', () => {
    memories.clear()
    expect(solicited(run(nextHop, packet6, 0, 2))[0]).toBe('fe80::ff:fe00:2')
    for (const now of [0, 1_000, 2_000]) run(nextHop, packet6, now)
    expect(kinds(run(nextHop, packet6, 3_000))).toContain('remember')
  })

  test('who no longer answers is forgotten', () => {
    memories.clear()
    for (const now of [0, 1_000, 2_000]) run(nextHopRefresh, packet6, now)
    const [forgotten] = run(nextHopRefresh, packet6, 3_000)
    expect(forgotten).toMatchObject({ type: 'put-flow', dpid: dpid(1), hardSeconds: 5 })
    expect(keyOfPut(forgotten)).toEqual(keyOfLearned('ipv6'))
  })
})
