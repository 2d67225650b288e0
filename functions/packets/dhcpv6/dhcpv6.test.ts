import { expect, test } from 'bun:test'
import { createDraft } from '../../../db/state/draft.ts'
import { silent } from '../../../runtime/log.ts'
import {
  addressesOfAssociation,
  buildDhcpv6,
  buildUdpFrame,
  type Dhcpv6Options,
  dhcpv6Option,
  dhcpv6OptionOf,
  dhcpv6Value,
  type Effect,
  parseAssociation,
  parseDhcpv6,
  parseEthernet,
  parseIpv4,
  parseIpv6Header,
  parseUdp,
} from '../../../runtime/openvnet.ts'
import {
  guestAddress,
  guestLinkLocal,
  guestMac,
  inNetwork,
  ipv6Rows,
  serverMac,
} from '../../testing/ipv6-rows.ts'
import { punted } from '../../testing/packet.ts'
import { stateOf } from '../../testing/state.ts'
import dhcpv6 from './dhcpv6.ts'

const own = [dhcpv6Option.clientIdentifier, dhcpv6Value.duidOfMac(guestMac)] as const
const toServer = [dhcpv6Option.serverIdentifier, dhcpv6Value.duidOfMac(serverMac)] as const
const toAnother = [dhcpv6Option.serverIdentifier, dhcpv6Value.duidOfMac(1)] as const
const rapid = [dhcpv6Option.rapidCommit, new Uint8Array(0)] as const
const wants = (...addresses: string[]) =>
  [
    dhcpv6Option.nonTemporary,
    dhcpv6Value.association(
      7,
      [0, 0],
      addresses.map((one) => [dhcpv6Option.address, dhcpv6Value.address(one, 0, 0)] as const),
    ),
  ] as const

const message = (type: number, options: Dhcpv6Options) =>
  buildUdpFrame(
    {
      ethernet: { source: guestMac, destination: 0x3333_0001_0002 },
      ip: { source: guestLinkLocal, destination: 'ff02::1:2', ttl: 1 },
      sourcePort: 546,
      destinationPort: 547,
    },
    buildDhcpv6({ type, transactionId: 0x12_3456, options }),
  )

function ask(
  frame: Uint8Array,
  state = stateOf(ipv6Rows),
  draft: () => unknown = () => state,
): readonly Effect[] {
  const env = {
    ...{ state, now: 0, random: () => 0, log: silent },
    ...{ draft: () => draft() as never, remembered: () => undefined },
  }
  const effects = dhcpv6.handle(punted(frame, { objectId: 1, register: inNetwork(1) }), env)
  return Array.isArray(effects) ? effects : [effects as Effect]
}

/** What a client reads of the answer. */
function answer(effects: readonly Effect[]) {
  const effect = effects.find(({ type }) => type === 'packet-out')
  if (effect?.type !== 'packet-out') throw new Error(`no answer: ${JSON.stringify(effects)}`)
  const view = new DataView(effect.frame!.buffer)
  const ethernet = parseEthernet(view)!
  const ip = parseIpv6Header(view, ethernet.payload)!
  const udp = parseUdp(view, ip)!
  const read = parseDhcpv6(view, udp.payload, udp.end)
  if (!read.ok) throw new Error(read.problem.what)
  const { type, transactionId, options } = read.value
  const association = dhcpv6OptionOf(options, dhcpv6Option.nonTemporary)
  const given = association && parseAssociation(association)!
  const status = (all: Dhcpv6Options) => {
    const value = dhcpv6OptionOf(all, dhcpv6Option.statusCode)
    return value && value[0]! * 256 + value[1]!
  }
  return {
    type,
    transactionId,
    to: `${ip.destination} ${udp.destinationPort}`,
    from: ip.source,
    addresses: given && addressesOfAssociation(given),
    status: given ? status(given.options) : status(options),
    codes: options.map(([code]) => code),
  }
}
const reason = ([effect]: readonly Effect[]) => (effect?.type === 'drop' ? effect.reason : effect?.type)

test('who solicits is offered its address, and gets it on request', () => {
  expect(answer(ask(message(1, [own, wants()])))).toEqual({
    ...{ type: 2, transactionId: 0x12_3456, to: `${guestLinkLocal} 546`, from: 'fe80::ff:fe00:2' },
    ...{ addresses: [guestAddress], status: undefined, codes: [1, 2, 3, 23, 24] },
  })
  expect(answer(ask(message(3, [own, toServer, wants(guestAddress)])))).toMatchObject({
    ...{ type: 7, addresses: [guestAddress] },
  })
  for (const [type, named] of [
    [5, [toServer]],
    [6, []],
  ] as const)
    expect(answer(ask(message(type, [own, ...named, wants(guestAddress)])))).toMatchObject({
      ...{ type: 7, addresses: [guestAddress], status: undefined },
    })
  expect(answer(ask(message(1, [own, rapid, wants()])))).toMatchObject({
    type: 7,
    codes: [1, 2, 14, 3, 23, 24],
  })
})

/** A machine without an address, in a policy that has some for an hour. */
const policyRows = {
  ...ipv6Rows,
  ipLeases: ipv6Rows.ipLeases.filter(({ id }) => id !== 1),
  ipRangeGroups: [{ id: 1, uuid: 'iprg-a' }],
  ipRanges: [
    {
      ...{ id: 1, uuid: 'ipr-a', ip_range_group_id: 1 },
      ...{ begin_ipv4_address: parseIpv4('10.0.0.5')!, end_ipv4_address: parseIpv4('10.0.0.9')! },
    },
  ],
  leasePolicies: [{ id: 1, uuid: 'lp-a', timing: 'dhcp' }],
  leasePolicyNetworks: [{ id: 1, lease_policy_id: 1, network_id: 1, ip_range_group_id: 1 }],
  leasePolicyInterfaces: [{ id: 1, lease_policy_id: 1, interface_id: 1 }],
} as const

test('who waits for a lease of a policy gets it by soliciting: both addresses, the one of IPv6 by its MAC', () => {
  const pending = createDraft(stateOf(policyRows), 0)
  const effects = ask(message(1, [own, wants()]), stateOf(policyRows), () => pending.draft)
  const made = '2001:db8::5054:ff:fe00:1'
  expect(answer(effects)).toMatchObject({ type: 2, addresses: [made], status: undefined })
  expect(pending.writes).toMatchObject([
    { table: 'leasePolicyCursors' },
    { table: 'ipLeases', row: { ipv4_address: parseIpv4('10.0.0.5'), ipv6_address: made, mac_lease_id: 1 } },
  ])
  // Who only wants to know whether it is where it was changes nothing.
  const refuse = () => {
    throw new Error('it writes')
  }
  expect(answer(ask(message(4, [own, wants('2001:db9::1')]), stateOf(policyRows), refuse)).status).toBe(4)
})

test('what another has ends at once; who has nothing is told so', () => {
  const value = ask(message(5, [own, toServer, wants('2001:db8::99')]))
  expect(answer(value).addresses).toEqual([guestAddress, '2001:db8::99'])
  const none = stateOf({
    ...ipv6Rows,
    ipLeases: ipv6Rows.ipLeases.map((one) => (one.id === 1 ? { ...one, ipv6_address: null } : one)),
  })
  expect(answer(ask(message(1, [own, wants()]), none))).toMatchObject({ addresses: [], status: 2 })
})

test('who asks whether it is where it was is told; who lets go is thanked; who wants the rest gets it', () => {
  expect(answer(ask(message(4, [own, wants(guestAddress)]))).status).toBe(0)
  expect(answer(ask(message(4, [own, wants('2001:db9::1')])))).toMatchObject({ type: 7, status: 4 })
  expect(answer(ask(message(8, [own, toServer, wants(guestAddress)])))).toMatchObject({ status: 0 })
  expect(answer(ask(message(8, [own, toServer, wants('2001:db8::99')])))).toMatchObject({ status: 3 })
  expect(ask(message(9, [own, toServer, wants(guestAddress)])).map(({ type }) => type)).toEqual([
    'alarm',
    'packet-out',
  ])
  expect(answer(ask(message(11, [])))).toMatchObject({ type: 7, addresses: undefined, codes: [2, 23, 24] })
})

test.each([
  ['an unknown type', 2, [own, wants()], 'not-for-a-server'],
  ['nobody', 1, [wants()], 'no-client-identifier'],
  ['a solicitation of one server', 1, [own, toServer, wants()], 'server-identifier'],
  ['a request of nobody', 3, [own, wants()], 'no-server-identifier'],
  ['a request of another', 3, [own, toAnother, wants()], 'other-server'],
  ['a confirmation of nothing', 4, [own], 'nothing-to-check'],
  ['an identifier that is none', 1, [[1, new Uint8Array(131)], wants()], 'malformed'],
] as const)('%s gets no answer', (_, type, options, expected) => {
  expect(reason(ask(message(type, options)))).toBe(expected)
})

test('the MAC decides who it is, and a message may end anywhere', () => {
  const frame = message(1, [own, wants()])
  frame[11] = 9
  expect(reason(ask(frame))).toBe('no-lease')
  const whole = message(1, [own, wants(guestAddress)])
  for (let length = 0; length < whole.length; length++)
    expect(['drop', 'packet-out']).toContain(ask(whole.slice(0, length))[0]!.type)
})
