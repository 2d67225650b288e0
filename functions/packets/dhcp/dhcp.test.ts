import { expect, test } from 'bun:test'
import { silent } from '../../../runtime/log.ts'
import {
  buildDhcp,
  buildUdpFrame,
  type Dhcp,
  type Effect,
  formatIpv4,
  formatMac,
  parseDhcp,
  parseEthernet,
  parseIpv4,
  parseIpv4Header,
  parseMac,
  parseUdp,
} from '../../../runtime/openvnet.ts'
import { punted } from '../../testing/packet.ts'
import { type Rows, stateOf } from '../../testing/state.ts'
import dhcp from './dhcp.ts'

const ip = (text: string) => parseIpv4(text)!
const mac = (text: string) => parseMac(text)!
const guest = mac('52:54:00:00:00:01')

const rows: Rows = {
  tunnelKeys: [{ id: 1, kind: 'network' }],
  networks: [
    {
      id: 1,
      uuid: 'nw-a',
      ipv4_network: ip('10.0.0.0'),
      mode: 'virtual',
      domain_name: 'a',
      tunnel_key_id: 1,
    },
  ],
  interfaces: [
    { id: 1, uuid: 'if-vm', mode: 'vif' },
    { id: 2, uuid: 'if-dhcp', mode: 'simulated' },
    { id: 3, uuid: 'if-router', mode: 'simulated', enable_routing: true },
  ],
  interfaceNetworks: [
    { id: 1, interface_id: 1, network_id: 1, interface_mode: 'vif' },
    { id: 2, interface_id: 2, network_id: 1, interface_mode: 'simulated' },
    { id: 3, interface_id: 3, network_id: 1, interface_mode: 'simulated' },
  ],
  macLeases: [
    { id: 1, uuid: 'ml-1', interface_id: 1, mac_address: guest },
    { id: 2, uuid: 'ml-2', interface_id: 2, mac_address: mac('02:00:00:00:00:02') },
    { id: 3, uuid: 'ml-3', interface_id: 3, mac_address: mac('02:00:00:00:00:03') },
  ],
  ipLeases: [
    { id: 1, uuid: 'il-1', interface_id: 1, mac_lease_id: 1, network_id: 1, ipv4_address: ip('10.0.0.11') },
    { id: 2, uuid: 'il-2', interface_id: 2, mac_lease_id: 2, network_id: 1, ipv4_address: ip('10.0.0.2') },
    { id: 3, uuid: 'il-3', interface_id: 3, mac_lease_id: 3, network_id: 1, ipv4_address: ip('10.0.0.1') },
  ],
  networkServices: [{ id: 1, uuid: 'ns-1', mode: 'dhcp', interface_id: 2 }],
}

type Options = Record<number, number[]>
const message = (options: Options, fields: Partial<Dhcp> = {}): Uint8Array =>
  buildUdpFrame(
    {
      ethernet: { source: guest, destination: 0xffff_ffff_ffff },
      ip: { source: 0, destination: 0xffff_ffff, ttl: 64 },
      sourcePort: 68,
      destinationPort: 67,
    },
    buildDhcp({
      operation: 1,
      transactionId: 0x1234_5678,
      secs: 0,
      broadcast: false,
      clientAddress: 0,
      yourAddress: 0,
      serverAddress: 0,
      relayAddress: 0,
      hardwareAddress: guest,
      options: new Map(Object.entries(options).map(([code, value]) => [Number(code), new Uint8Array(value)])),
      ...fields,
    }),
  )

/** Above the key of the network, the registers hold other things. */
const register = (key: number) => (number: number) => (number === 0 ? 0xff00_0000 + key : 7)

const ask = (frame: Uint8Array, state = stateOf(rows), key = 1): readonly Effect[] => {
  const env = {
    state,
    now: 0,
    random: () => 0,
    log: silent,
    draft: () => state as never,
    remembered: () => undefined,
  }
  const effects = dhcp.handle(punted(frame, { objectId: 1, register: register(key) }), env)
  return Array.isArray(effects) ? effects : [effects as Effect]
}

/** What a client reads of the one answer. */
function answer(effects: readonly Effect[]) {
  const [effect] = effects
  if (effects.length !== 1 || effect?.type !== 'packet-out')
    throw new Error(`no answer: ${JSON.stringify(effects)}`)
  expect(effect.port).toBe('OFPP_IN_PORT')
  const frame = effect.frame!
  const view = new DataView(frame.buffer)
  const ethernet = parseEthernet(view)!
  const header = parseIpv4Header(view, ethernet.payload)!
  const udp = parseUdp(view, header)!
  const read = parseDhcp(view, udp.payload, udp.end)
  if (!read.ok) throw new Error(read.problem.what)
  const options = Object.fromEntries([...read.value.options].map(([code, value]) => [code, [...value]]))
  const to = `${formatMac(ethernet.destination)} ${formatIpv4(header.destination)}:${udp.destinationPort}`
  const { transactionId: xid, yourAddress, clientAddress } = read.value
  return { to, your: formatIpv4(yourAddress), client: formatIpv4(clientAddress), xid, options }
}

const server = [10, 0, 0, 2]
const address = [10, 0, 0, 11]
const everything = {
  1: [255, 255, 255, 0],
  3: [10, 0, 0, 1],
  15: [97],
  26: [5, 178],
  28: [10, 0, 0, 255],
  51: [0, 1, 81, 128],
  54: server,
  58: [0, 0, 168, 192],
  59: [0, 1, 39, 80],
  121: [0, 10, 0, 0, 1],
}

test('DISCOVER gets an OFFER with all that the network has to tell', () => {
  expect(answer(ask(message({ 53: [1] })))).toEqual({
    to: '52:54:00:00:00:01 10.0.0.11:68',
    your: '10.0.0.11',
    client: '0.0.0.0',
    xid: 0x1234_5678,
    options: { 53: [2], ...everything },
  })
})

test('a client gets what it asks for, its identifier back, and a broadcast where it wants one', () => {
  const got = answer(ask(message({ 53: [1], 55: [26], 61: [1, 2, 3] }, { broadcast: true })))
  expect(got.to).toBe('ff:ff:ff:ff:ff:ff 255.255.255.255:68')
  expect(Object.keys(got.options).map(Number)).toEqual([1, 26, 51, 53, 54, 58, 59, 61])
})

test.each([
  ['selecting', { 53: [3], 54: server, 50: address }, {}, 5],
  ['selecting, another address', { 53: [3], 54: server, 50: [10, 0, 0, 12] }, {}, 6],
  ['rebooting', { 53: [3], 50: address }, {}, 5],
  ['rebooting from another network', { 53: [3], 50: [192, 168, 0, 7] }, {}, 6],
  ['renewing', { 53: [3] }, { clientAddress: ip('10.0.0.11') }, 5],
  ['renewing what it lost', { 53: [3] }, { clientAddress: ip('10.0.0.99') }, 6],
] as [string, Options, Partial<Dhcp>, number][])('REQUEST when %s', (_, options, fields, type) => {
  const got = answer(ask(message(options, fields)))
  expect(got.options[53]).toEqual([type])
  expect(got.your).toBe(type === 5 ? '10.0.0.11' : '0.0.0.0')
  expect(got.client).toBe(type === 5 && fields.clientAddress !== undefined ? '10.0.0.11' : '0.0.0.0')
  if (type === 6) expect(got.to).toBe('ff:ff:ff:ff:ff:ff 255.255.255.255:68')
})

test('INFORM is told about the network, and nothing about a lease', () => {
  const got = answer(ask(message({ 53: [8] }, { clientAddress: ip('10.0.0.11') })))
  const { 51: _, 58: __, 59: ___, ...rest } = everything
  expect(got).toMatchObject({
    to: '52:54:00:00:00:01 10.0.0.11:68',
    your: '0.0.0.0',
    options: { 53: [5], ...rest },
  })
  expect(got.options[51]).toBeUndefined()
})

test.each([
  ['RELEASE', message({ 53: [7] }, { clientAddress: ip('10.0.0.11') }), 'released'],
  [
    'a REQUEST that chose another server',
    message({ 53: [3], 54: [10, 0, 0, 3], 50: address }),
    'other-server',
  ],
  ['a message without a type', message({}), 'not-for-a-server'],
  ['a server’s message', message({ 53: [2] }, { operation: 2 }), 'not-for-a-server'],
  ['another’s hardware address', message({ 53: [1] }, { hardwareAddress: 5 }), 'foreign-hardware-address'],
  ['a DECLINE of another address', message({ 53: [4], 50: [10, 0, 0, 12], 54: server }), 'foreign-address'],
  ['a DECLINE of no address', message({ 53: [4], 54: server }), 'foreign-address'],
  ['a DECLINE to another server', message({ 53: [4], 50: address, 54: [10, 0, 0, 3] }), 'other-server'],
  ['a DECLINE to nobody', message({ 53: [4], 50: address }), 'other-server'],
  ['a frame cut in the middle', message({ 53: [1] }).subarray(0, 200), 'not-dhcp'],
])('%s gets no answer', (_, frame, reason) => {
  expect(ask(frame)).toEqual([{ type: 'drop', reason }])
})

test('DECLINE raises an alarm that names address and network', () => {
  expect(ask(message({ 53: [4], 50: address, 54: server }))).toMatchObject([
    { type: 'alarm', name: 'dhcp-declined', message: expect.stringContaining('10.0.0.11 in nw-a') },
    { type: 'drop', reason: 'declined' },
  ])
})

test('an OFFER names no address of the client, whatever it says (RFC 2131, table 3)', () => {
  expect(answer(ask(message({ 53: [1] }, { clientAddress: ip('10.0.0.99') }))).client).toBe('0.0.0.0')
})

test('options that go on in the fields for file and server name count, and must be whole', () => {
  const overloaded = (...file: number[]) => {
    const frame = message({ 53: [3], 52: [1] })
    // Ethernet 14, IPv4 20, UDP 8, then the field of 128 bytes at 108.
    frame.set(file, 42 + 108)
    return frame
  }
  expect(answer(ask(overloaded(50, 4, ...address, 255))).your).toBe('10.0.0.11')
  expect(ask(overloaded(50, 200))).toEqual([{ type: 'drop', reason: 'malformed' }])
})

test('without a service, or with a lease of another interface, nobody answers', () => {
  const dropped = (reason: string): Effect[] => [{ type: 'drop', reason }]
  const discover = message({ 53: [1] })
  expect(ask(discover, stateOf({ ...rows, networkServices: [] }))).toEqual(dropped('no-service'))
  const moved = rows.macLeases!.map((lease) => (lease.id === 1 ? { ...lease, interface_id: 2 } : lease))
  expect(ask(discover, stateOf({ ...rows, macLeases: moved }))).toEqual(dropped('no-lease'))
})

/** As `rows`, with some IP leases instead of those of the same id or beside them. */
const withLeases = (...leases: NonNullable<Rows['ipLeases']>) =>
  stateOf({
    ...rows,
    ipLeases: [...new Map([...rows.ipLeases!, ...leases].map((lease) => [lease.id, lease])).values()],
  })
const leaseOf = (id: number, owner: number, ipv4_address: number) => ({
  id,
  uuid: `il-${id}`,
  interface_id: owner,
  mac_lease_id: owner,
  network_id: 1,
  ipv4_address,
})

test('0.0.0.0 is neither offered nor does it serve', () => {
  const discover = message({ 53: [1] })
  const unknown = leaseOf(1, 1, 0)
  expect(ask(discover, withLeases(unknown))).toEqual([{ type: 'drop', reason: 'no-address' }])
  expect(answer(ask(discover, withLeases(unknown, leaseOf(4, 1, ip('10.0.0.12'))))).your).toBe('10.0.0.12')
  const nameless = leaseOf(2, 2, 0)
  expect(ask(discover, withLeases(nameless))).toEqual([{ type: 'drop', reason: 'no-service' }])
  const named = withLeases(nameless, leaseOf(4, 2, ip('10.0.0.4')))
  expect(answer(ask(discover, named)).options[54]).toEqual([10, 0, 0, 4])
})

test('of several addresses in the network the one that is asked for is confirmed', () => {
  const state = withLeases(leaseOf(4, 1, ip('10.0.0.12')))
  expect(answer(ask(message({ 53: [1] }), state)).your).toBe('10.0.0.11')
  const renewed = answer(ask(message({ 53: [3] }, { clientAddress: ip('10.0.0.12') }), state))
  expect([renewed.options[53], renewed.your]).toEqual([[5], '10.0.0.12'])
})

test('a machine in two networks is answered by the server of the one that its packet is in', () => {
  const state = stateOf({
    ...rows,
    tunnelKeys: [...rows.tunnelKeys!, { id: 9, kind: 'network' }],
    networks: [
      ...rows.networks!,
      { ...rows.networks![0]!, id: 2, uuid: 'nw-b', ipv4_network: ip('10.1.0.0'), tunnel_key_id: 9 },
    ],
    interfaces: [...rows.interfaces!, { id: 4, uuid: 'if-dhcp-b', mode: 'simulated' }],
    interfaceNetworks: [
      ...rows.interfaceNetworks!,
      { id: 4, interface_id: 4, network_id: 2, interface_mode: 'simulated' },
    ],
    macLeases: [
      ...rows.macLeases!,
      { id: 4, uuid: 'ml-4', interface_id: 4, mac_address: mac('02:00:00:00:00:04') },
    ],
    ipLeases: [
      ...rows.ipLeases!,
      { ...leaseOf(4, 1, ip('10.1.0.11')), network_id: 2 },
      { ...leaseOf(5, 4, ip('10.1.0.2')), network_id: 2 },
    ],
    networkServices: [...rows.networkServices!, { id: 2, uuid: 'ns-2', mode: 'dhcp', interface_id: 4 }],
  })
  const renew = (clientAddress: string, key: number) => {
    const got = answer(ask(message({ 53: [3] }, { clientAddress: ip(clientAddress) }), state, key))
    return [got.options[53]![0], got.options[54]!.join('.')]
  }
  expect(renew('10.1.0.11', 9)).toEqual([5, '10.1.0.2'])
  expect(renew('10.0.0.11', 1)).toEqual([5, '10.0.0.2'])
  expect(renew('10.1.0.11', 1)).toEqual([6, '10.0.0.2'])
  expect(ask(message({ 53: [1] }), state, 5)).toEqual([{ type: 'drop', reason: 'no-service' }])
})

test('the MTU leaves room for the encapsulation', () => {
  const mtu = (
    encapsulation: 'gre' | 'vxlan' | 'geneve' | null,
    mode: 'virtual' | 'internal' | null = 'virtual',
  ) => {
    const networks = rows.networks!.map((network) => ({ ...network, encapsulation, mode }))
    const [high, low] = answer(ask(message({ 53: [1] }), stateOf({ ...rows, networks }))).options[26]!
    return high! * 256 + low!
  }
  expect([mtu(null), mtu('gre'), mtu('vxlan'), mtu('geneve')]).toEqual([1458, 1458, 1450, 1450])
  expect(mtu(null, 'internal')).toBe(1500)
  // A network without a mode stretches over datapaths like a virtual one.
  expect(mtu(null, null)).toBe(1458)
})

test('no bytes in place of the message make it throw', () => {
  let seed = 1
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31
  for (let round = 0; round < 5_000; round++) {
    const frame = message({ 53: [1 + Math.floor(random() * 8)], 50: address, 52: [3] })
    for (let i = 0; i < 8; i++)
      frame[14 + Math.floor(random() * (frame.length - 14))] = Math.floor(random() * 256)
    ask(frame.slice(0, Math.floor(random() * frame.length) + 1))
  }
})

/** Networks that the router leads to, by 10.0.0.1, and by another interface of it at 10.0.0.5. */
function routed(count: number): Rows {
  const many = <T>(of: (n: number) => T) => Array.from({ length: count }, (_, n) => of(n + 1))
  const route = (id: number, interface_id: number, network_id: number, ipv4_network: number) => ({
    ...{ id, uuid: `r-${id}`, interface_id, network_id, ipv4_network, ipv4_prefix: 24 },
    route_link_id: 1,
  })
  return {
    ...rows,
    tunnelKeys: [...rows.tunnelKeys!, { id: 2, kind: 'route_link' }],
    routeLinks: [{ id: 1, uuid: 'rl-1', mac_address: 1, tunnel_key_id: 2 }],
    networks: [
      ...rows.networks!,
      ...many((n) => ({
        ...{ id: 10 + n, uuid: `nw-${n}`, ipv4_network: ip('10.1.0.0') + n * 256, domain_name: '' },
        tunnel_key_id: 1,
      })),
    ],
    interfaces: [
      ...rows.interfaces!,
      ...many((n) => ({ id: 10 + n, uuid: `if-${n}`, mode: 'simulated' as const, enable_routing: true })),
    ],
    interfaceNetworks: [
      ...rows.interfaceNetworks!,
      ...many((n) => ({
        ...{ id: 10 + n, interface_id: 10 + n, network_id: 10 + n, interface_mode: 'simulated' as const },
      })),
    ],
    macLeases: [
      ...rows.macLeases!,
      ...many((n) => ({ id: 10 + n, uuid: `ml-${10 + n}`, interface_id: 10 + n, mac_address: 1000 + n })),
    ],
    ipLeases: [
      ...rows.ipLeases!,
      ...many((n) => ({
        ...{
          id: 10 + n,
          uuid: `il-${10 + n}`,
          interface_id: 10 + n,
          mac_lease_id: 10 + n,
          network_id: 10 + n,
        },
        ipv4_address: ip('10.1.0.1') + n * 256,
      })),
    ],
    routes: [
      route(1, 3, 1, ip('10.0.0.0')),
      ...many((n) => route(10 + n, 10 + n, 10 + n, ip('10.1.0.0') + n * 256)),
    ],
  }
}
const routesTold = (all: Rows) => answer(ask(message({ 53: [1] }), stateOf(all))).options[121]

test('a client is told where its router leads to, and by default too', () => {
  expect(routesTold(routed(2))).toEqual([
    ...[0, 10, 0, 0, 1],
    ...[24, 10, 1, 1, 10, 0, 0, 1],
    ...[24, 10, 1, 2, 10, 0, 0, 1],
  ])
})

test('a client is told of no route whose router does not work, or that lets nobody in from its network', () => {
  const all = routed(1)
  const [own, other] = all.routes!
  const nothing = [0, 10, 0, 0, 1]
  expect(routesTold({ ...all, routes: [{ ...own!, ingress: false }, other!] })).toEqual(nothing)
  expect(routesTold({ ...all, routes: [own!, { ...other!, egress: false }] })).toEqual(nothing)
  const idle = all.interfaces!.map((row) => (row.id === 11 ? { ...row, enable_routing: false } : row))
  expect(routesTold({ ...all, interfaces: idle })).toEqual(nothing)
})

test('the router that has the default route is the one that is told', () => {
  const all = routed(1)
  const [own, other] = all.routes!
  const byDefault = { ...other!, ipv4_network: 0, ipv4_prefix: 0 }
  const second = { ...own!, id: 2, uuid: 'r-2', interface_id: 2 }
  const interfaces = all.interfaces!.map((row) => (row.id === 2 ? { ...row, enable_routing: true } : row))
  const state = stateOf({ ...all, interfaces, routes: [second, byDefault] })
  const { options } = answer(ask(message({ 53: [1] }), state))
  expect([options[3], options[121]]).toEqual([
    [10, 0, 0, 2],
    [0, 10, 0, 0, 2],
  ])
})

test('of a hundred routes those are told that fit in an option of every client, the default route first', () => {
  const told = routesTold(routed(100))!
  expect(told.slice(0, 5)).toEqual([0, 10, 0, 0, 1])
  expect(told.length).toBeGreaterThan(150)
  expect(told.length).toBeLessThanOrEqual(200)
})

test.each<[string, Options, string, string]>([
  ['a machine with a BIOS', { 93: [0, 0] }, 'undionly.kpxe', 'undionly.kpxe'],
  ['one with EFI', { 93: [0, 7] }, 'snp.efi', 'snp.efi'],
  ['one with EFI of an older number', { 93: [0, 9] }, 'snp.efi', 'snp.efi'],
  ['the first of several architectures that has a file', { 93: [0, 6, 0, 7] }, 'snp.efi', 'snp.efi'],
  ['an architecture by its number', { 93: [0, 27] }, 'riscv.efi', 'riscv.efi'],
  ['one that is listed nowhere', { 93: [0, 15] }, 'any', 'any'],
  ['who says nothing', {}, 'any', 'any'],
  [
    'iPXE, whatever it runs on',
    { 93: [0, 7], 77: [105, 80, 88, 69] },
    'http://b/menu?a=1',
    'http://b/menu?a=1',
  ],
  ['iPXE, with the length before it', { 77: [4, 105, 80, 88, 69] }, 'http://b/menu?a=1', 'http://b/menu?a=1'],
  ['who asks for other options', { 55: [1, 66] }, 'any', ''],
])('%s boots its file', (_, options, file, option) => {
  const boot_files = 'bios:undionly.kpxe, efi:snp.efi,ipxe:http://b/menu?a=1,27:riscv.efi,*:any'
  const given = {
    ...rows,
    networkServices: [{ ...rows.networkServices![0]!, boot_files, next_server_ipv4_address: ip('10.0.0.9') }],
  }
  const effects = ask(message({ 53: [1], ...options }), stateOf(given))
  const text = (bytes: readonly number[] = []) => String.fromCharCode(...bytes)
  const told = answer(effects).options
  expect([text(told[67]), text(told[66])]).toEqual([option, '10.0.0.9'])
  const [effect] = effects
  const frame = effect?.type === 'packet-out' ? effect.frame! : new Uint8Array()
  // Ethernet, IPv4 and UDP are 42 bytes; siaddr is at 20, the file at 108 (RFC 2131, 2).
  expect([...frame.subarray(62, 66)]).toEqual([10, 0, 0, 9])
  expect(text([...frame.subarray(150, 150 + 128)]).replace(/\0+$/, '')).toBe(file)
})

test('who boots by HTTP hears that it is meant; nobody is told of files where there are none', () => {
  const http = [...new TextEncoder().encode('HTTPClient:Arch:00016')]
  const asking = message({ 53: [1], 60: http, 93: [0, 16] })
  const told = (service: object) => {
    const state = stateOf({ ...rows, networkServices: [{ ...rows.networkServices![0]!, ...service }] })
    return answer(ask(asking, state)).options
  }
  expect(told({ boot_files: 'http:http://b/a.efi' })[60]).toEqual(http.slice(0, 10))
  expect(told({ boot_files: 'bios:a' })[60]).toBeUndefined()
  expect(told({})[67]).toBeUndefined()
})

test('who asks for a name is told what the network calls it', () => {
  const nameOf = (options: Options, given: Rows = rows) => {
    const [name] = [answer(ask(message({ 53: [1], ...options }), stateOf(given))).options[12]]
    return name && String.fromCharCode(...name)
  }
  expect(nameOf({ 55: [1, 12] })).toBe('vm')
  expect(nameOf({ 55: [1, 3] })).toBeUndefined()
  expect(nameOf({})).toBeUndefined()
  const interfaceNetworks = rows.interfaceNetworks!.map((row) => ({ ...row, host_name: 'mail' }))
  expect(nameOf({ 55: [12] }, { ...rows, interfaceNetworks })).toBe('mail')
})
