/** What security groups cost in flows: rules and members add up, and who has none of it pays nothing. */
import { expect, test } from 'bun:test'
import { formatIpv4 } from '../../../runtime/openvnet.ts'
import { computeAll, ip, World } from '../../../tests/support/world.ts'
import { scopeOf } from '../../state/scope.ts'
import { pipeline } from '../pipeline.ts'

const hex = (n: number) => n.toString(16).padStart(2, '0')

/** A hypervisor with guarded machines in one group, and a group of machines that are nowhere plugged in. */
function worldOf(guarded: number, named: number, rules: string) {
  const world = new World()
  const datapath = world.hypervisor(world.network({ mode: 'physical' }), '192.168.0.1', 0x0200_0000_0001, 1)
  const network = world.network()
  const [own, other] = ['sg-own', 'sg-other'].map((uuid) =>
    world.add('securityGroups', { uuid, display_name: '', rules: uuid === 'sg-own' ? rules : null }),
  )
  const join = (n: number, group: { readonly id: number }) => {
    const place = n < guarded ? datapath.id : 9
    const one = world.machine(network, place, 10 + n, `52:54:00:00:00:${hex(n)}`, `10.0.0.${n + 1}`)
    world.add('securityGroupInterfaces', { security_group_id: group.id, interface_id: one.id })
    return one
  }
  for (let n = 0; n < guarded; n++) {
    const { id: interface_id } = join(n, own!)
    world.update('interfaces', interface_id, { ingress_filtering_enabled: true })
    const pair = { interface_id, network_id: network.id }
    world.add('conntrackZones', { datapath_id: datapath.id, zone: n + 1, purpose: 'filtering', ...pair })
  }
  for (let n = 0; n < named; n++) join(guarded + n, other!)
  return { world, datapath, network }
}

function flowsOf(guarded: number, named: number, rules: string) {
  const { world, datapath } = worldOf(guarded, named, rules)
  return computeAll(world.state(), datapath.id).flows
}
const count = (...world: Parameters<typeof flowsOf>) => flowsOf(...world).length

test('rules and members add up: one more of either is so many more flows, however many there are of the other', () => {
  const rules = (n: number) => Array.from({ length: n }, (_, port) => `tcp:${port + 1}:sg-other`).join()
  for (const [members, named] of [
    [2, 2],
    [20, 40],
  ] as const) {
    expect(count(members, named, rules(9)) - count(members, named, rules(8))).toBe(1)
    // The address of a member elsewhere: where it is named, and that nobody here has it.
    const elsewhere = count(members, named + 1, rules(9)) - count(members, named, rules(9))
    expect(elsewhere).toBe(count(members, named + 1, rules(1)) - count(members, named, rules(1)))
    const here = count(members + 1, named, rules(9)) - count(members, named, rules(9))
    expect(here).toBe(count(members + 1, named, rules(1)) - count(members, named, rules(1)))
    expect(here).toBeLessThanOrEqual(14)
  }
  // Who is not named has no flow here.
  expect(count(2, 9, 'tcp:1:0.0.0.0/0')).toBeLessThan(count(2, 9, 'tcp:1:sg-other'))
})

test('where nothing is guarded there is no flow for it', () => {
  const ids = new Set<number>(
    Object.entries(pipeline.tables)
      .filter(([name]) =>
        /^(from|to)(Interface|Filter|Tracked|Verdict|Denied)|Rules$|groupMembers|zones/.test(name),
      )
      .map(([, { id }]) => id),
  )
  expect(ids.size).toBeGreaterThan(10)
  expect(flowsOf(0, 3, 'tcp:1:sg-other').filter(({ table }) => ids.has(table))).toEqual([])
})

test('an address counts in its network and in those that routers join it to, and nowhere else', () => {
  const world = new World()
  const [near, far, apart] = ['10.1.0.0', '10.2.0.0', '10.3.0.0'].map((text) =>
    world.network({ ipv4_network: ip(text) }),
  )
  const link = world.routeLink()
  for (const [n, network] of [near!, far!].entries())
    world.route(
      link,
      world.routerIn(network, `02:00:00:00:00:0${n}`, `10.${n + 1}.0.1`),
      network,
      `10.${n + 1}.0.0/24`,
    )
  const state = world.state()
  expect(scopeOf(state, far!.id)).toBe(scopeOf(state, near!.id)!)
  expect(scopeOf(state, apart!.id)).toBe(apart!.tunnel_key_id)
})

test('an interface without a zone hears and says nothing', () => {
  const { world, datapath } = worldOf(1, 0, '')
  const zones = (state: ReturnType<World['state']>) =>
    computeAll(state, datapath.id).flows.filter(({ table }) => table === pipeline.tables.fromInterface.id)
  expect(zones(world.state()).length).toBeGreaterThan(0)
  world.remove('conntrackZones', world.rows('conntrackZones')[0]!.id)
  expect(zones(world.state())).toEqual([])
})

/** Groups of the addresses for which there is a flow among members. */
function memberPrefixes(world: World, datapathId: number) {
  const flows = computeAll(world.state(), datapathId).flows
  return flows
    .filter(({ table }) => table === pipeline.tables.groupMembers.id)
    .flatMap(({ match }) => match.flatMap((one) => (one.field === 'reg6' ? [one] : [])))
    .map(
      ({ value, mask }) =>
        `${formatIpv4(Number(value))}${mask === undefined ? '' : `/${formatIpv4(Number(mask))}`}`,
    )
    .sort()
}

test('a member is known by what it may have beside its leases; addresses of networks only where nobody else has them', () => {
  const { world, datapath, network } = worldOf(1, 2, 'tcp:80:sg-other')
  world.update('networks', network.id, { ipv4_network: ip('10.0.0.0'), ipv4_prefix: 24 })
  const leases = ['10.0.0.1', '10.0.0.2', '10.0.0.3']
  expect(memberPrefixes(world, datapath.id)).toEqual(leases)
  const [own, one, two] = world.rows('interfaces').filter(({ mode }) => mode === 'vif')
  const allow = (iface: { readonly id: number }, network: string, ipv4_prefix: number) =>
    world.add('allowedAddresses', { interface_id: iface.id, ipv4_network: ip(network), ipv4_prefix })
  const beyond = () => memberPrefixes(world, datapath.id).filter((text) => !leases.includes(text))
  // Behind both of them, but one flow; a whole network where others are; one that is leased.
  for (const member of [one!, two!]) allow(member, '192.168.50.0', 24)
  allow(one!, '10.0.0.0', 24)
  allow(one!, '0.0.0.0', 0)
  allow(one!, '10.0.0.1', 32)
  allow(one!, '10.0.0.100', 32)
  expect(beyond()).toEqual(['10.0.0.100', '192.168.50.0/255.255.255.0'])
  const hold = (iface: { readonly id: number }, address: string) =>
    world.add('addressHolders', {
      ...{ network_id: network.id, interface_id: iface.id, ipv4_address: ip(address) },
      mac_address: world.rows('macLeases').find(({ interface_id }) => interface_id === iface.id)!.mac_address,
    })
  hold(own!, '10.0.0.100')
  hold(one!, '10.0.0.200')
  expect(beyond()).toEqual(['10.0.0.200', '192.168.50.0/255.255.255.0'])
  // Of IPv6 the same, for either end of a connection.
  const behind = { ipv6_network: '2001:db8:5::', ipv6_prefix: 48 }
  for (const member of [one!, two!])
    world.add('allowedAddresses', {
      interface_id: member.id,
      ...behind,
      ipv4_network: null,
      ipv4_prefix: null,
    })
  world.update('networks', network.id, { ipv6_network: '2001:db8::', ipv6_prefix: 64 })
  const members = computeAll(world.state(), datapath.id).flows.filter(
    ({ table }) => table === pipeline.tables.groupMembers.id,
  )
  const matched = members.flatMap(({ match }) => match.map(({ value }) => value))
  expect(matched.filter((value) => value === '2001:db8:5::')).toHaveLength(2)
  // The other one says so where the first is no member any more.
  const row = world.rows('securityGroupInterfaces').find(({ interface_id }) => interface_id === one!.id)!
  world.remove('securityGroupInterfaces', row.id)
  expect(beyond()).toEqual(['192.168.50.0/255.255.255.0'])
})
