import { expect, test } from 'bun:test'
import { silent } from '../../../runtime/log.ts'
import type { Effect, Effects } from '../../../runtime/openvnet.ts'
import { World } from '../../../tests/support/world.ts'
import announceVlan from '../../events/announce-vlan/announce-vlan.ts'
import { addressesPerMessage, messagesAtOnce, messagesPerRun } from '../../events/announcing.ts'
import announcements from './announcements.ts'

const dpid = '0x1'

/** A VLAN that a port serves, of a network with so many machines, and a machine with IPv6. */
function someMachines(count: number) {
  const world = new World()
  const network = world.network({ ipv6_network: '2001:db8::', ipv6_prefix: 64 })
  world.add('datapaths', { dpid })
  const trunk = world.trunk(network, 100)
  world.plug(trunk.id, 1, 10)
  world.add('activeVlans', { network_id: network.id, vlan_id: 100, interface_id: trunk.id, datapath_id: 1 })
  for (let n = 1; n <= count; n++) world.machine(network, 1, 20 + n, n, `10.1.${n >> 8}.${n & 0xff}`)
  const [lease] = world.rows('ipLeases')
  if (lease !== undefined) world.update('ipLeases', lease.id, { ipv6_address: '2001:db8::11' })
  return { state: world.state(), networkId: network.id }
}

const [atOnce, perRun] = [messagesAtOnce, messagesPerRun].map((messages) => messages * addressesPerMessage)

test('all addresses are announced, so many at once and with each run, and then no more', () => {
  const { state, networkId } = someMachines(atOnce! + perRun! + 100)
  const memory = new Map<string, Uint8Array>()
  const announced = (effects: Effects): { arp: number; advertised: number } => {
    const counts = { arp: 0, advertised: 0 }
    for (const effect of [effects ?? []].flat() as Effect[]) {
      if (effect.type === 'remember') memory.set(effect.key, effect.bytes)
      if (effect.type !== 'send-on') continue
      const { frame, actions } = effect.packet
      const isArp = new DataView(frame!.buffer).getUint16(12) === 0x0806
      counts[isArp ? 'arp' : 'advertised'] += actions!.filter(({ type }) => type === 'OFPAT_OUTPUT').length
    }
    return counts
  }
  const remembered = (key: string) => {
    const bytes = memory.get(key)
    return bytes && { bytes, ageMs: 0 }
  }
  const switches = { applied: new Map(), here: new Set([1]), unheardMs: 0 }
  const env = { state, now: 0, random: () => 0, log: silent, remembered, switches }
  const run = () => announced(announcements.handle(env as never) as Effects)
  expect(run()).toEqual({ arp: 0, advertised: 0 })
  const event = { type: 'vlan-activated', dpid, networkId, vlanId: 100 } as const
  expect(announced(announceVlan.handle(event, env as never) as Effects)).toEqual({
    arp: atOnce! - 1,
    advertised: 1,
  })
  expect(run()).toEqual({ arp: perRun!, advertised: 0 })
  expect(run()).toEqual({ arp: 101, advertised: 0 })
  expect(run()).toEqual({ arp: 0, advertised: 0 })
})
