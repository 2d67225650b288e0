import { describe, expect, test } from 'bun:test'
import { silent } from '../../../runtime/log.ts'
import {
  buildTcpFrame,
  buildUdpFrame,
  dnsNameBytes,
  dnsType,
  type Effect,
  parseEthernet,
  parseIpv4,
  parseIpv4Header,
  parseMac,
  parseUdp,
  type Remembered,
} from '../../../runtime/openvnet.ts'
import { punted } from '../../testing/packet.ts'
import { type Rows, stateOf } from '../../testing/state.ts'
import dns from './dns.ts'

const ip = (text: string) => parseIpv4(text)!
const guest = parseMac('52:54:00:00:00:01')!
const serverMac = parseMac('02:00:00:00:00:02')!

const rows: Rows = {
  tunnelKeys: [1, 2].map((id) => ({ id, kind: 'network' })),
  networks: [
    {
      id: 1,
      uuid: 'nw-a',
      ipv4_network: ip('10.0.0.0'),
      mode: 'virtual',
      domain_name: 'A.Example.',
      tunnel_key_id: 1,
    },
    {
      id: 2,
      uuid: 'nw-b',
      ipv4_network: ip('10.0.0.0'),
      mode: 'virtual',
      domain_name: 'b.example',
      tunnel_key_id: 2,
    },
  ],
  interfaces: [
    { id: 1, uuid: 'if-vm', mode: 'vif' },
    { id: 2, uuid: 'if-dns', mode: 'simulated' },
    { id: 3, uuid: 'if-vm3', mode: 'vif', display_name: 'Mail' },
    { id: 4, uuid: 'if-vm4', mode: 'vif', display_name: 'mail' },
    { id: 5, uuid: 'if-other', mode: 'vif', display_name: 'other' },
  ],
  interfaceNetworks: [
    { id: 1, interface_id: 1, network_id: 1, interface_mode: 'vif' },
    { id: 2, interface_id: 2, network_id: 1, interface_mode: 'simulated' },
    { id: 3, interface_id: 3, network_id: 1, interface_mode: 'vif', host_name: 'mail' },
    { id: 4, interface_id: 4, network_id: 1, interface_mode: 'vif', host_name: 'mail' },
    { id: 5, interface_id: 5, network_id: 2, interface_mode: 'vif', host_name: 'other' },
  ],
  macLeases: [{ id: 1, uuid: 'ml-1', interface_id: 1, mac_address: guest }],
  ipLeases: [
    { id: 1, uuid: 'il-1', interface_id: 1, network_id: 1, ipv4_address: ip('10.0.0.11') },
    { id: 2, uuid: 'il-2', interface_id: 2, network_id: 1, ipv4_address: ip('10.0.0.2') },
    { id: 3, uuid: 'il-3', interface_id: 3, network_id: 1, ipv4_address: ip('10.0.0.13') },
    { id: 4, uuid: 'il-4', interface_id: 4, network_id: 1, ipv4_address: ip('10.0.0.14') },
    { id: 5, uuid: 'il-5', interface_id: 5, network_id: 2, ipv4_address: ip('10.0.0.15') },
  ],
  networkServices: [{ id: 1, uuid: 'ns-1', mode: 'dns', interface_id: 2 }],
  dnsServices: [{ id: 1, uuid: 'dnss-1', network_service_id: 1, public_dns: null }],
  dnsRecords: [
    ['www', { ipv4_address: ip('10.0.0.80') }],
    ['www', { ipv4_address: ip('10.0.0.80'), ttl: 5 }],
    ['www', { ipv6_address: '2001:db8::1' }],
    ['alias', { target: 'www' }],
    ['out', { target: 'www.elsewhere.test' }],
    ['round', { target: 'trip' }],
    ['trip', { target: 'round' }],
    ['self', { target: 'self.a.example' }],
    ['vm', { ipv4_address: ip('10.9.9.9') }],
    ['host.elsewhere.test', { ipv4_address: ip('192.0.2.7') }],
    ['13.0.0.10.in-addr.arpa', { target: 'thirteen' }],
  ].map(([name, values], at) => ({
    id: at + 1,
    uuid: `dnsr-${at}`,
    dns_service_id: 1,
    name: name as string,
    canonical_name: name as string,
    ...(values as object),
  })),
}

const forwarding: Rows = {
  ...rows,
  dnsServices: [{ ...rows.dnsServices![0]!, public_dns: '8.8.8.8,9.9.9.9' }],
}

const word = (value: number) => [value >>> 8, value & 255]
interface Asking {
  readonly type?: number
  readonly flags?: number
  readonly class?: number
}
const message = (name: string, { type = 1, flags = 0x0100, class: kind = 1 }: Asking = {}) =>
  Uint8Array.from([
    0x12,
    0x34,
    ...word(flags),
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
    ...dnsNameBytes(name),
    ...word(type),
    ...word(kind),
  ])

const frameOf = (payload: Uint8Array, source = '10.0.0.11', port = 53) =>
  buildUdpFrame(
    {
      ethernet: { source: guest, destination: serverMac },
      ip: { source: ip(source), destination: ip('10.0.0.2'), ttl: 64 },
      sourcePort: 40_000,
      destinationPort: port,
    },
    payload,
  )

/** A question over TCP, as the first data of a connection. */
const segmentOf = (payload: Uint8Array) =>
  buildTcpFrame(
    {
      ethernet: { source: guest, destination: serverMac },
      ip: { source: ip('10.0.0.11'), destination: ip('10.0.0.2'), ttl: 64 },
      sourcePort: 40_000,
      destinationPort: 53,
      sequence: 5,
      acknowledgement: 5,
      flags: 0x18,
      window: 64_240,
    },
    Uint8Array.from([0, payload.length, ...payload]),
  )

function ask(
  frame: Uint8Array,
  given: Rows = rows,
  remembered: (key: string) => Remembered | undefined = () => undefined,
) {
  const state = stateOf(given)
  const env = { state, now: 0, random: () => 0, log: silent, draft: () => state as never, remembered }
  const packet = punted(frame, { objectId: 1, register: (number) => (number === 0 ? 1 : 0) })
  const effects = dns.handle(packet, env)
  return Array.isArray(effects) ? (effects as Effect[]) : [effects as Effect]
}

/** The DNS message that goes back, after what must be right about its frame. */
function replyOf(effects: readonly Effect[]): Uint8Array {
  const [effect] = effects
  if (effects.length !== 1 || effect?.type !== 'packet-out') throw new Error(JSON.stringify(effects))
  expect(effect.port).toBe('OFPP_IN_PORT')
  const view = new DataView(effect.frame!.buffer)
  const ethernet = parseEthernet(view)!
  const header = parseIpv4Header(view, ethernet.payload)!
  const udp = parseUdp(view, header)!
  expect([ethernet.source, ethernet.destination]).toEqual([serverMac, guest])
  expect([header.source, header.destination]).toEqual([ip('10.0.0.2'), ip('10.0.0.11')])
  expect([udp.sourcePort, udp.destinationPort]).toEqual([53, 40_000])
  return effect.frame!.slice(udp.payload, udp.end)
}

/** Code, whether it is final, and how many answers and authorities there are. */
function summary(name: string, asking?: Asking, given?: Rows) {
  const reply = replyOf(ask(frameOf(message(name, asking)), given))
  const view = new DataView(reply.buffer)
  return [view.getUint8(3) & 15, (view.getUint8(2) & 4) > 0, view.getUint16(6), view.getUint16(8)]
}
const hexOf = (name: string, asking?: Asking) => replyOf(ask(frameOf(message(name, asking)))).toHex()

const { a, aaaa, any, axfr, cname, ns, ptr, soa } = dnsType
const found = (answers: number) => [0, true, answers, 0]
const noData = [0, true, 0, 1]
const noName = [3, true, 0, 1]
const refused = [5, false, 0, 0]

test.each<[string, number, unknown]>([
  ['www.a.example', a, found(1)],
  ['WWW.A.Example', aaaa, found(1)],
  ['www.a.example', any, found(1)],
  ['www.a.example', ptr, noData],
  ['www', a, found(1)],
  ['alias.a.example', a, found(2)],
  ['alias.a.example', cname, found(1)],
  ['alias.a.example', ptr, [0, true, 1, 1]],
  ['out.a.example', a, found(1)],
  ['host.elsewhere.test', a, found(1)],
  ['host.elsewhere.test', aaaa, noData],
  ['mail.a.example', a, found(2)],
  ['vm3.a.example', a, found(1)],
  ['dns.a.example', a, found(1)],
  ['vm.a.example', a, found(1)],
  ['a.example', soa, found(1)],
  ['a.example', ns, found(1)],
  ['a.example', a, noData],
  ['0.0.10.in-addr.arpa', soa, found(1)],
  ['0.0.10.in-addr.arpa', ptr, noData],
  ['14.0.0.10.in-addr.arpa', ptr, found(1)],
  ['13.0.0.10.in-addr.arpa', ptr, found(1)],
  ['99.0.0.10.in-addr.arpa', ptr, noName],
  ['x.14.0.0.10.in-addr.arpa', ptr, refused],
  ['14.0.1.10.in-addr.arpa', ptr, refused],
  ['nobody.a.example', a, noName],
  ['mail.x.a.example', a, noName],
  ['other.a.example', a, noName],
  ['other.b.example', a, refused],
  ['other', a, refused],
  ['', ns, refused],
  ['round.a.example', a, [2, false, 0, 0]],
  ['self.a.example', a, [2, false, 0, 0]],
  ['www.a.example', axfr, refused],
])('%s, type %d', (name, type, expected) => expect(summary(name, { type })).toEqual(expected as never))

test('records come before interfaces; names are whole; times are those of the kind', () => {
  // 10.9.9.9, and not the lease of if-vm.
  expect(hexOf('vm.a.example')).toEndWith('c00c000100010000012c00040a090909')
  // Two equal records are one, with the lesser time.
  expect(hexOf('www.a.example')).toEndWith('c00c000100010000000500040a000050')
  expect(hexOf('vm3.a.example')).toEndWith('c00c000100010000003c00040a00000d')
  const name = (text: string) => dnsNameBytes(text).toHex()
  expect(hexOf('14.0.0.10.in-addr.arpa', { type: ptr })).toEndWith(name('mail.a.example'))
  expect(hexOf('13.0.0.10.in-addr.arpa', { type: ptr })).toEndWith(name('thirteen.a.example'))
})

test('classes, opcodes and responses', () => {
  expect(summary('www.a.example', { class: 255 })).toEqual(found(1))
  expect(summary('www.a.example', { class: 3 })).toEqual(refused)
  expect(hexOf('www.a.example', { flags: 0x2800 })).toBe('1234a8040000000000000000')
  expect(ask(frameOf(message('www.a.example', { flags: 0x8100 })))).toEqual([
    { type: 'drop', reason: 'not-a-query' },
  ])
  expect(ask(frameOf(new Uint8Array(5)))).toEqual([{ type: 'drop', reason: 'malformed' }])
})

describe('nobody is answered', () => {
  const foreign = { type: 'drop', reason: 'not-for-a-server' } as const
  const asked = message('www.a.example')
  test.each<[string, Uint8Array, Rows, Effect]>([
    ['with the address of another', frameOf(asked, '10.0.0.13'), rows, foreign],
    [
      'by an interface that is not simulated',
      frameOf(asked),
      { ...rows, interfaces: rows.interfaces!.map((row) => ({ ...row, mode: 'vif' })) },
      foreign,
    ],
    ['in a network that has gone', frameOf(asked), { ...rows, networks: [] }, foreign],
    [
      'without a service',
      frameOf(asked),
      { ...rows, networkServices: [] },
      { type: 'drop', reason: 'no-service' },
    ],
    ['on another port', frameOf(asked, '10.0.0.11', 5_353), rows, foreign],
    ['in a frame that is cut', frameOf(asked).slice(0, 50), rows, foreign],
  ])('%s', (_, frame, given, effect) => expect(ask(frame, given)).toEqual([effect]))
})

test('a network without a domain knows names of one label; one that is no name has none', () => {
  const withDomain = (domain_name: string) => ({
    ...rows,
    networks: rows.networks!.map((network) => ({ ...network, domain_name })),
  })
  for (const domain of ['', 'no domain at all'])
    expect([
      summary('www', {}, withDomain(domain)),
      summary('www.a.example', {}, withDomain(domain)),
    ]).toEqual([found(1), refused])
})

test('reverse zones end where the network does', () => {
  const withPrefix = (ipv4_prefix: number) => ({
    ...rows,
    networks: rows.networks!.map((network) => ({ ...network, ipv4_prefix })),
  })
  const asking = { type: ptr }
  expect(summary('99.0.0.10.in-addr.arpa', asking, withPrefix(25))).toEqual(noName)
  expect(summary('199.0.0.10.in-addr.arpa', asking, withPrefix(25))).toEqual(refused)
  expect(summary('9.200.0.10.in-addr.arpa', asking, withPrefix(16))).toEqual(noName)
  expect(summary('200.0.10.in-addr.arpa', asking, withPrefix(16))).toEqual(noData)
})

describe('wildcards', () => {
  const names = ['*.far.test', '*', 'there.far.test', '*.deep.far.test', '*.example']
  const given: Rows = {
    ...rows,
    dnsRecords: [
      ...rows.dnsRecords!,
      ...names.map((name, at) => ({
        ...{ id: 100 + at, uuid: `dnsr-w${at}`, dns_service_id: 1, name, canonical_name: name },
        ipv4_address: ip(`192.0.2.${at}`),
      })),
    ],
  }
  const lastOf = (name: string) => {
    const reply = replyOf(ask(frameOf(message(name)), given))
    return reply[7] === 0 ? reply[3]! & 15 : `192.0.2.${reply.at(-1)}`
  }
  test.each<[string, string | number]>([
    ['x.far.test', '192.0.2.0'],
    ['x.y.far.test', '192.0.2.0'],
    ['far.test', 5],
    ['there.far.test', '192.0.2.2'],
    // There is something above it, so the wildcard beside that is not for it (RFC 4592, 2.2.1).
    ['x.there.far.test', 5],
    ['x.deep.far.test', '192.0.2.3'],
    ['nobody.a.example', '192.0.2.1'],
    ['nobody', '192.0.2.1'],
    ['x.nobody.a.example', '192.0.2.1'],
    // The network's domain is there, too.
    ['x.b.example', '192.0.2.4'],
  ])('%s: %p', (name, expected) => expect(lastOf(name)).toBe(expected))

  test('who is there is no wildcard’s, and a type that it has not is no answer', () => {
    expect(summary('mail.a.example', {}, given)).toEqual(found(2))
    expect(summary('x.far.test', { type: aaaa }, given)).toEqual(noData)
    const [owner] = [dnsNameBytes('x.far.test').toHex()]
    expect(replyOf(ask(frameOf(message('x.far.test')), given)).toHex()).toContain(owner)
  })
})

test('IPv6 addresses of interfaces have names, and names them', () => {
  const given: Rows = {
    ...rows,
    networks: rows.networks!.map((row) => ({ ...row, ipv6_network: '2001:db8::', ipv6_prefix: 64 })),
    ipLeases: rows.ipLeases!.map((row) =>
      row['id'] === 3 ? { ...row, ipv4_address: 0, ipv6_address: '2001:db8::13' } : row,
    ),
  }
  const reverse = (digits: string) => `${[...digits].reverse().join('.')}.ip6.arpa`
  const address = `20010db8${'0'.repeat(22)}13`
  expect(summary('vm3.a.example', { type: aaaa }, given)).toEqual(found(1))
  expect(summary('vm3.a.example', { type: a }, given)).toEqual(noData)
  expect(summary('mail.a.example', { type: a }, given)).toEqual(found(1))
  const asked = replyOf(ask(frameOf(message(reverse(address), { type: ptr })), given))
  expect(asked.toHex()).toEndWith(dnsNameBytes('mail.a.example').toHex())
  expect(summary(reverse(`20010db8${'0'.repeat(23)}9`), { type: ptr }, given)).toEqual(noName)
  expect(summary(reverse(`20010db8${'0'.repeat(8)}`), { type: soa }, given)).toEqual(found(1))
  expect(summary(reverse(`20010db8${'0'.repeat(9)}`), { type: ptr }, given)).toEqual(noData)
  expect(summary(reverse(`20010db90${'0'.repeat(23)}`), { type: ptr }, given)).toEqual(refused)
})

describe('with servers to ask', () => {
  const far = frameOf(message('far.test'))
  test('what is not ours is handed to the task, once there is no memory of it', () => {
    const keys: string[] = []
    const effects = ask(far, forwarding, (key) => void keys.push(key))
    expect(effects).toMatchObject([
      {
        type: 'call',
        name: 'dns-forward',
        payload: {
          query: message('far.test').toHex(),
          servers: [ip('8.8.8.8'), ip('9.9.9.9')],
          client: { interfaceId: 1 },
        },
      },
    ])
    expect(keys).toEqual([expect.stringContaining('far.test')])
    const remembered = Uint8Array.from([...message('FAR.test', { flags: 0x8180 })])
    const reply = replyOf(ask(far, forwarding, () => ({ bytes: remembered, ageMs: 5 })))
    expect(reply.toHex()).toBe(message('far.test', { flags: 0x8180 }).toHex())
    const failed = replyOf(ask(far, forwarding, () => ({ bytes: new Uint8Array(0), ageMs: 5 })))
    expect(failed[3]! & 15).toBe(2)
  })

  test('an alias of what is not ours is asked for by its other name', () => {
    const frame = frameOf(message('out.a.example'))
    const elsewhere = { name: 'www.elsewhere.test', aliases: [{ type: 'CNAME', name: 'out.a.example' }] }
    expect(ask(frame, forwarding)).toMatchObject([{ type: 'call', payload: elsewhere }])
    const said = message('www.elsewhere.test', { flags: 0x8183 })
    const reply = replyOf(ask(frame, forwarding, () => ({ bytes: said, ageMs: 0 })))
    expect([reply[3]! & 15, reply[7]]).toEqual([3, 1])
  })

  test('over TCP the question is acknowledged at once, and the answer comes later', () => {
    const effects = ask(segmentOf(message('far.test')), forwarding)
    expect(effects).toMatchObject([
      { type: 'packet-out', port: 'OFPP_IN_PORT' },
      { type: 'call', payload: { client: { tcp: { sequence: 5, acknowledgement: 33 } } } },
    ])
    expect(ask(segmentOf(message('www.a.example')), forwarding)).toMatchObject([{ type: 'packet-out' }])
  })

  test('what is ours stays here, and nobody asks for who wants no recursion', () => {
    expect(summary('nobody.a.example', {}, forwarding)).toEqual(noName)
    expect(summary('far.test', { flags: 0 }, forwarding)).toEqual(refused)
  })
})

test('no bytes in place of the message make it throw', () => {
  let seed = 1
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31
  const state = stateOf(forwarding)
  const env = {
    state,
    now: 0,
    random: () => 0,
    log: silent,
    draft: () => state as never,
    remembered: () => undefined,
  }
  for (let round = 0; round < 5_000; round++) {
    const question = message('www.a.example', { type: Math.floor(random() * 40) })
    const frame = random() < 0.5 ? frameOf(question) : segmentOf(question)
    for (let i = 0; i < 6; i++)
      frame[14 + Math.floor(random() * (frame.length - 14))] = Math.floor(random() * 256)
    dns.handle(
      punted(frame.slice(0, Math.floor(random() * frame.length) + 1), { objectId: 1, register: () => 1 }),
      env,
    )
  }
})
