import { expect, test } from 'bun:test'
import { createDraft } from '../../../db/state/draft.ts'
import { silent } from '../../../runtime/log.ts'
import type { Insert, Row } from '../../../runtime/openvnet.ts'
import { arp, broadcast, ethernet } from '../../../tests/support/frames.ts'
import { advertisement } from '../../../tests/support/frames-ipv6.ts'
import { ip, mac, World } from '../../../tests/support/world.ts'
import { pipeline } from '../../flows/pipeline.ts'
import { punted } from '../../testing/packet.ts'
import claim from './address-claim.ts'

const own = '52:54:00:00:00:01'
const virtual = '00:00:5e:00:01:0a'
const virtual6 = '00:00:5e:00:02:0a'

/** Two machines of a network that may have addresses in turn, and one that may not. */
function someNetwork() {
  const world = new World()
  const network = world.network({
    ...{ ipv4_network: ip('10.1.0.0'), ipv6_network: '2001:db8::', ipv6_prefix: 64 },
  })
  const first = world.machine(network, 1, 10, own, '10.1.0.11')
  const second = world.machine(network, 1, 11, '52:54:00:00:00:02', '10.1.0.12')
  for (const { id } of [first, second]) {
    const allow = (network_: string, ipv4_prefix: number, mac_address: number | null) =>
      world.add('allowedAddresses', {
        ...{ interface_id: id, ipv4_network: ip(network_), ipv4_prefix, mac_address },
      })
    allow('10.1.0.96', 28, null)
    allow('10.1.0.200', 32, mac(virtual))
    allow('10.9.0.0', 16, null)
    const allow6 = (ipv6_network: string, ipv6_prefix: number, mac_address: number | null) =>
      world.add('allowedAddresses', { interface_id: id, ipv6_network, ipv6_prefix, mac_address })
    allow6('2001:db8::', 32, null)
    allow6('fe80::77', 128, mac(virtual6))
  }
  return { world, network, first, second }
}

/** What the state gets to know by one announcement. */
function said(world: World, network: Row<'networks'>, interfaceId: number, address: string, sha = own) {
  const state = world.state()
  const pending = createDraft(state, 0)
  const frame = address.includes(':')
    ? advertisement(sha, address, address, sha)
    : ethernet(broadcast, sha, 0x0806, arp({ sha, spa: address, tpa: address }))
  const register = (n: number) => (n === pipeline.registers.network.bits[0] ? network.tunnel_key_id : 0)
  const env = { state, now: 0, random: () => 0, log: silent, draft: () => pending.draft }
  const packet = punted(Uint8Array.fromHex(frame), { objectId: interfaceId, register })
  const effects = claim.handle(packet, { ...env, remembered: () => undefined })
  return effects ?? pending.writes
}
const dropped = (reason: string) => ({ type: 'drop', reason }) as const
const hold = (world: World, values: Partial<Insert<'addressHolders'>>) => world.add('addressHolders', values)

test('who says that it has an address that it may have, has it', () => {
  const { world, network, first } = someNetwork()
  expect(said(world, network, first.id, '10.1.0.100')).toMatchObject([
    {
      ...{ op: 'insert', table: 'addressHolders' },
      row: {
        network_id: network.id,
        ipv4_address: ip('10.1.0.100'),
        interface_id: first.id,
        mac_address: mac(own),
      },
    },
  ])
})

test('whoever had it has it no more; who has it already says nothing new', () => {
  const { world, network, first, second } = someNetwork()
  const at = { network_id: network.id, ipv4_address: ip('10.1.0.100') }
  const { id } = hold(world, { ...at, interface_id: second.id, mac_address: mac('52:54:00:00:00:02') })
  expect(said(world, network, first.id, '10.1.0.100')).toMatchObject([{ table: 'addressHolders', id }])
  expect(said(world, network, second.id, '10.1.0.100', '52:54:00:00:00:02')).toEqual(dropped('known'))
})

test("a virtual router's MAC address is in one place, with all that is had under it", () => {
  const { world, network, first, second } = someNetwork()
  const under = { network_id: network.id, interface_id: second.id, mac_address: mac(virtual) }
  hold(world, { ...under, ipv4_address: ip('10.1.0.201') })
  const writes = said(world, network, first.id, '10.1.0.200', virtual) as readonly unknown[]
  expect(writes).toHaveLength(2)
})

test('of IPv6, too: of the subnet, and link-local addresses that are named', () => {
  const { world, network, first, second } = someNetwork()
  const row = { network_id: network.id, interface_id: first.id, ipv6_address: '2001:db8::100' }
  expect(said(world, network, first.id, '2001:db8::100')).toMatchObject([{ op: 'insert', row }])
  expect(said(world, network, first.id, 'fe80::77', virtual6)).toMatchObject([{ op: 'insert' }])
  expect(said(world, network, first.id, 'fe80::78')).toEqual(dropped('not-allowed'))
  expect(said(world, network, first.id, '2001:db8:1::1')).toEqual(dropped('not-of-the-network'))
  const { id } = world.lease(second.macLease, network, '10.1.0.98')
  world.update('ipLeases', id, { ipv6_address: '2001:db8::98' })
  expect(said(world, network, first.id, '2001:db8::98')).toEqual(dropped('leased'))
  hold(world, {
    network_id: network.id,
    interface_id: second.id,
    mac_address: 1,
    ipv6_address: row.ipv6_address,
  })
  expect(said(world, network, first.id, row.ipv6_address)).toMatchObject([{ op: 'update' }])
})

test.each([
  ['an address that it may not have', '10.1.0.50', own, 'not-allowed'],
  ['one of another network', '10.9.0.1', own, 'not-of-the-network'],
  ['one under a MAC address that it may not have it under', '10.1.0.100', virtual, 'not-allowed'],
  ['one that is leased', '10.1.0.97', own, 'leased'],
])('%s is not believed', (_, address, sha, reason) => {
  const { world, network, first, second } = someNetwork()
  world.lease(second.macLease, network, '10.1.0.97')
  expect(said(world, network, first.id, address, sha)).toEqual(dropped(reason))
})

test('one interface has so many and no more', () => {
  const { world, network, first } = someNetwork()
  for (let n = 0; n < 64; n++)
    hold(world, { network_id: network.id, ipv4_address: n, interface_id: first.id, mac_address: mac(own) })
  expect(said(world, network, first.id, '10.1.0.100')).toEqual(dropped('too-many'))
})
