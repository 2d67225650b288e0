/** Addresses that clients get by their lease policy: what is answered, and what is written before the answer leaves. */
import { expect, test } from 'bun:test'
import { createDraft } from '../../../db/state/draft.ts'
import type { Write } from '../../../db/state/types.ts'
import type { StateView } from '../../../db/state/view.ts'
import { silent } from '../../../runtime/log.ts'
import {
  buildDhcp,
  buildUdpFrame,
  type Dhcp,
  type Effect,
  formatIpv4,
  type PacketEnvironment,
  parseDhcp,
  parseIpv4,
  parseMac,
} from '../../../runtime/openvnet.ts'
import { punted } from '../../testing/packet.ts'
import { type Rows, stateOf } from '../../testing/state.ts'
import dhcp from './dhcp.ts'

const ip = (text: string) => parseIpv4(text)!
const mac = (text: string) => parseMac(text)!
const guest = mac('52:54:00:00:00:01')
const now = 1_000_000_000

/** An interface without an address, in a policy with two of them for an hour, and a minute of grace. */
const rows = {
  tunnelKeys: [{ id: 1, kind: 'network' }],
  networks: [
    {
      id: 1,
      uuid: 'nw-a',
      ipv4_network: ip('10.0.0.0'),
      domain_name: '',
      display_name: '',
      tunnel_key_id: 1,
    },
  ],
  interfaces: [
    { id: 1, uuid: 'if-vm', mode: 'vif' },
    { id: 2, uuid: 'if-dhcp', mode: 'simulated' },
  ],
  interfaceNetworks: [
    { id: 1, interface_id: 1, network_id: 1, interface_mode: 'vif' },
    { id: 2, interface_id: 2, network_id: 1, interface_mode: 'simulated' },
  ],
  macLeases: [
    { id: 1, uuid: 'ml-1', interface_id: 1, mac_address: guest },
    { id: 2, uuid: 'ml-2', interface_id: 2, mac_address: mac('02:00:00:00:00:02') },
  ],
  ipLeases: [
    { id: 2, uuid: 'il-2', interface_id: 2, mac_lease_id: 2, network_id: 1, ipv4_address: ip('10.0.0.2') },
  ],
  networkServices: [{ id: 1, uuid: 'ns-1', mode: 'dhcp', interface_id: 2 }],
  ipRangeGroups: [{ id: 1, uuid: 'iprg-a' }],
  ipRanges: [
    {
      id: 1,
      uuid: 'ipr-a',
      ip_range_group_id: 1,
      begin_ipv4_address: ip('10.0.0.2'),
      end_ipv4_address: ip('10.0.0.4'),
    },
  ],
  ipRetentionContainers: [{ id: 1, uuid: 'irc-a', lease_time: 3_600, grace_time: 60 }],
  leasePolicies: [{ id: 1, uuid: 'lp-a', timing: 'dhcp' }],
  leasePolicyNetworks: [{ id: 1, lease_policy_id: 1, network_id: 1, ip_range_group_id: 1 }],
  leasePolicyInterfaces: [{ id: 1, lease_policy_id: 1, interface_id: 1 }],
  leasePolicyIpRetentionContainers: [{ id: 1, lease_policy_id: 1, ip_retention_container_id: 1 }],
} as const satisfies Rows

const held = {
  ipLeases: [
    ...rows.ipLeases,
    { id: 3, uuid: 'il-3', interface_id: 1, mac_lease_id: 1, network_id: 1, ipv4_address: ip('10.0.0.3') },
  ],
}
const retention = { id: 1, ip_lease_id: 3, ip_retention_container_id: 1, released_at: null }
/** It was released half a minute ago. */
const former = {
  ipLeases: [...rows.ipLeases, { id: 3, uuid: 'il-3', network_id: 1, ipv4_address: ip('10.0.0.3') }],
  ipRetentions: [{ ...retention, leased_at: 0, released_at: now - 30_000, released_mac_lease_id: 1 }],
}

const message = (options: Record<number, number[]>, fields: Partial<Dhcp> = {}) =>
  buildUdpFrame(
    {
      ethernet: { source: guest, destination: 0xffff_ffff_ffff },
      ip: { source: 0, destination: 0xffff_ffff, ttl: 64 },
      sourcePort: 68,
      destinationPort: 67,
    },
    buildDhcp({
      ...{ operation: 1, transactionId: 1, secs: 0, broadcast: false, hardwareAddress: guest },
      ...{ clientAddress: 0, yourAddress: 0, serverAddress: 0, relayAddress: 0 },
      options: new Map(Object.entries(options).map(([code, value]) => [Number(code), new Uint8Array(value)])),
      ...fields,
    }),
  )

const answerStart = 14 + 20 + 8

/** The address and the type and time options of the one answer, or the effects where there is none. */
function ask(
  frame: Uint8Array,
  state: StateView = stateOf(rows),
  remembered: PacketEnvironment['remembered'] = () => undefined,
) {
  const pending = createDraft(state, now)
  let drafts = 0
  const draft = () => {
    drafts++
    return pending.draft
  }
  const result = dhcp.handle(punted(frame, { objectId: 1, register: () => 1 }), {
    state,
    now,
    random: () => 0,
    log: silent,
    draft,
    remembered,
  })
  const effects = (Array.isArray(result) ? result : [result]) as Effect[]
  const [effect] = effects
  const seen = { writes: pending.writes, reads: pending.reads, drafts, effects }
  if (effect?.type !== 'packet-out') return { ...seen, your: undefined, type: undefined, time: undefined }
  const view = new DataView(effect.frame!.buffer)
  const read = parseDhcp(view, answerStart, view.byteLength)
  if (!read.ok) throw new Error(read.problem.what)
  const option = (code: number) => [...(read.value.options.get(code) ?? [])]
  return { ...seen, your: formatIpv4(read.value.yourAddress), type: option(53)[0], time: option(51) }
}

const discover = message({ 53: [1] })
const release = message({ 53: [7] }, { clientAddress: ip('10.0.0.3') })
const decline = message({ 53: [4], 50: [10, 0, 0, 3], 54: [10, 0, 0, 2] })
const justGivenBack = (how: string): Effect => ({
  type: 'remember',
  key: `dhcp ${how} 1`,
  bytes: new Uint8Array(0),
  ttlMs: 10_000,
})
const [offer, ack, nak] = [2, 5, 6]
const hour = [0, 0, 0x0e, 0x10]
const written = (writes: readonly Write[]) => writes.map(({ op, table }) => `${op} ${table}`)

test('a DISCOVER is given the next free address, for as long as the policy says', () => {
  const got = ask(discover)
  expect(got).toMatchObject({ type: offer, your: '10.0.0.3', time: hour })
  expect(written(got.writes)).toEqual(['insert leasePolicyCursors', 'insert ipLeases', 'insert ipRetentions'])
  expect(got.writes[1]).toMatchObject({
    row: { interface_id: 1, mac_lease_id: 1, network_id: 1, ipv4_address: ip('10.0.0.3') },
  })
  // Whoever takes the address, or gives this client one, makes it run again.
  expect(got.reads).toContain(`ipLeases/address/1/${ip('10.0.0.3')}`)
  expect(got.reads).toContain('ipLeases/macLease/1')
})

test('an IPv6 address alone keeps nobody from one of IPv4', () => {
  const lease = { id: 90, uuid: 'il-90', interface_id: 1, mac_lease_id: 1, network_id: 1, ipv4_address: 0 }
  const ipLeases = [...rows.ipLeases!, { ...lease, ipv6_address: '2001:db8::1' }]
  expect(ask(discover, stateOf({ ...rows, ipLeases }))).toMatchObject({ type: offer, your: '10.0.0.3' })
})

test('without retention it is leased as other addresses are', () => {
  const got = ask(discover, stateOf({ ...rows, leasePolicyIpRetentionContainers: [] }))
  expect(got).toMatchObject({ type: offer, your: '10.0.0.3', time: [0, 1, 0x51, 0x80] })
})

test('a client that has its address is offered it without a write, until it is worth one', () => {
  const at = (ago: number) =>
    stateOf({ ...rows, ...held, ipRetentions: [{ ...retention, leased_at: now - ago }] })
  const fresh = ask(discover, at(10_000))
  expect(fresh).toMatchObject({ type: offer, your: '10.0.0.3', drafts: 0, time: [0, 0, 0x0e, 0x06] })
  const old = ask(message({ 53: [3] }, { clientAddress: ip('10.0.0.3') }), at(1_800_000))
  expect(old).toMatchObject({ type: ack, time: hour })
  expect(old.writes).toMatchObject([{ op: 'update', table: 'ipRetentions', row: { leased_at: now } }])
})

test('an address with the timing immediate lasts as long as it lasts, whatever its client asks', () => {
  const got = ask(
    discover,
    stateOf({
      ...rows,
      ...held,
      leasePolicies: [{ id: 1, uuid: 'lp-a', timing: 'immediate' }],
      ipRetentions: [{ ...retention, leased_at: now - 3_599_000 }],
    }),
  )
  expect(got).toMatchObject({ type: offer, time: [0, 0, 0, 1], drafts: 0 })
})

test('a client that comes back within the grace time gets what it had', () => {
  const again = ask(discover, stateOf({ ...rows, ...former }))
  expect(again).toMatchObject({ type: offer, your: '10.0.0.3', time: hour })
  expect(written(again.writes)).toEqual(['update ipLeases', 'update ipRetentions'])
  const asked = ask(message({ 53: [3], 50: [10, 0, 0, 3] }), stateOf({ ...rows, ...former }))
  expect(asked).toMatchObject({ type: ack, your: '10.0.0.3' })
  const other = ask(message({ 53: [3], 50: [10, 0, 0, 4] }), stateOf({ ...rows, ...former }))
  expect([other.type, other.writes]).toEqual([nak, []])
})

test('a REQUEST for what a client never had is refused, and nothing is given', () => {
  const got = ask(message({ 53: [3], 50: [10, 0, 0, 3] }))
  expect([got.type, got.writes]).toEqual([nak, []])
  const elsewhere = ask(message({ 53: [3], 50: [10, 0, 0, 3], 54: [10, 0, 0, 9] }))
  expect(elsewhere.effects).toEqual([{ type: 'drop', reason: 'other-server' }])
  // Nor what it had.
  const had = ask(message({ 53: [3], 50: [10, 0, 0, 3], 54: [10, 0, 0, 9] }), stateOf({ ...rows, ...former }))
  expect([had.effects, had.writes]).toEqual([elsewhere.effects, []])
})

test('a RELEASE gives back what a policy gave for DHCP, and nothing else', () => {
  const retained = { ...rows, ...held, ipRetentions: [{ ...retention, leased_at: now }] }
  const given = ask(release, stateOf(retained))
  expect(given.effects).toEqual([justGivenBack('released'), { type: 'drop', reason: 'released' }])
  expect(given.writes.slice(0, 2)).toMatchObject([
    { op: 'update', table: 'ipLeases', id: 3, row: { interface_id: null, mac_lease_id: null } },
    { op: 'update', table: 'ipRetentions', row: { released_at: now, released_mac_lease_id: 1 } },
  ])
  expect(written(ask(release, stateOf({ ...rows, ...held })).writes)).toContain('delete ipLeases')
  expect(ask(release, stateOf({ ...rows, ...held, leasePolicyInterfaces: [] })).writes).toEqual([])
  const wrong = message({ 53: [7] }, { clientAddress: ip('10.0.0.4') })
  expect(ask(wrong, stateOf(retained)).writes).toEqual([])
})

test('a DECLINE is followed by another address, if a policy gave it for DHCP and has another', () => {
  const given = ask(decline, stateOf({ ...rows, ...held }))
  expect(given.effects).toMatchObject([
    justGivenBack('declined'),
    { type: 'alarm', name: 'dhcp-declined' },
    { type: 'drop', reason: 'declined' },
  ])
  expect(given.writes).toMatchObject([
    { op: 'insert', table: 'leasePolicyCursors' },
    { op: 'update', table: 'ipLeases', id: 3, row: { ipv4_address: ip('10.0.0.4') } },
  ])
  expect(ask(decline, stateOf({ ...rows, ...held, leasePolicyInterfaces: [] })).writes).toEqual([])
  const taken = { id: 4, uuid: 'il-4', network_id: 1, ipv4_address: ip('10.0.0.4') }
  expect(ask(decline, stateOf({ ...rows, ipLeases: [...held.ipLeases, taken] })).writes).toEqual([])
})

test('an interface that has given back a lease keeps the next one for ten seconds', () => {
  const keys: string[] = []
  const remembered = (key: string) => {
    keys.push(key)
    return { bytes: new Uint8Array(0), ageMs: 1 }
  }
  for (const frame of [release, decline]) {
    const got = ask(frame, stateOf({ ...rows, ...held }), remembered)
    expect(got.effects).toEqual([{ type: 'drop', reason: 'given-back-too-often' }])
    expect(got.writes).toEqual([])
  }
  expect(keys).toEqual(['dhcp released 1', 'dhcp declined 1'])
  // It is served as before.
  expect(ask(discover, stateOf({ ...rows, ...held }), remembered).type).toBe(offer)
})

test('when all are taken there is no answer, and the operator hears of it', () => {
  const full = [3, 4].map((last) => ({
    ...{ id: 10 + last, uuid: `il-${last}x`, network_id: 1 },
    ipv4_address: ip(`10.0.0.${last}`),
  }))
  const got = ask(discover, stateOf({ ...rows, ipLeases: [...rows.ipLeases, ...full] }))
  expect(got.effects).toEqual([
    {
      type: 'alarm',
      name: 'addresses-exhausted',
      about: ['nw-a'],
      message: 'lp-a has no free address in nw-a',
    },
    { type: 'drop', reason: 'no-free-address' },
  ])
  expect(got.writes).toEqual([])
})

test('in a network without a service nothing is given', () => {
  const got = ask(discover, stateOf({ ...rows, networkServices: [] }))
  expect([got.effects, got.writes]).toEqual([[{ type: 'drop', reason: 'no-service' }], []])
})

test.each([
  ['in no policy', { leasePolicyInterfaces: [] }],
  ['whose policy has no network', { leasePolicyNetworks: [] }],
  [
    'on another segment',
    {
      segments: [
        { id: 1, uuid: 'seg-a', mode: 'virtual', tunnel_key_id: 1 },
        { id: 2, uuid: 'seg-b', mode: 'virtual', tunnel_key_id: 1 },
      ],
      networks: [{ ...rows.networks[0], segment_id: 1 }],
      macLeases: [{ ...rows.macLeases[0], segment_id: 2 }, rows.macLeases[1]],
    },
  ],
] as [string, Rows][])('a client %s gets none', (_, other) => {
  const got = ask(discover, stateOf({ ...rows, ...other }))
  expect(got.effects).toEqual([{ type: 'drop', reason: 'no-lease' }])
  expect(got.writes).toEqual([])
})
