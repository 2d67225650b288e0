import { expect, test } from 'bun:test'
import { silent } from '../../../runtime/log.ts'
import {
  type Effect,
  type ExchangeEffect,
  parseEthernet,
  parseIpv4,
  parseIpv4Header,
  parseMac,
  parseUdp,
  type RememberEffect,
  type TaskStep,
} from '../../../runtime/openvnet.ts'
import type { Forwarding } from '../../packets/dns/forwarding.ts'
import { type Rows, stateOf } from '../../testing/state.ts'
import dnsForward from './dns-forward.ts'

const ip = (text: string) => parseIpv4(text)!
const servers = ['8.8.8.8', '9.9.9.9'].map(ip)
const question = '03666172047465737400' + '00010001'
const record = 'c00c000100010000003c0004c0000201'

const rows: Rows = {
  datapaths: [{ id: 1, uuid: 'dp-1', display_name: '', dpid: '0x0000000000000001', node_id: 'n' }],
  interfaces: [{ id: 1, uuid: 'if-vm', mode: 'vif' }],
  ipLeases: [{ id: 1, uuid: 'il-1', interface_id: 1, network_id: 1, ipv4_address: ip('10.0.0.11') }],
  activeInterfaces: [{ id: 1, interface_id: 1, datapath_id: 1, port_name: 'vm', port_number: 7 }],
}

const forwarding: Forwarding = {
  dpid: '0x0000000000000001',
  query: `123401000001000000000000${question}`,
  name: 'far.test',
  aliases: [],
  servers,
  client: {
    networkId: 1,
    interfaceId: 1,
    portInterfaceId: 1,
    vlan: null,
    mac: parseMac('52:54:00:00:00:01')!,
    address: ip('10.0.0.11'),
    port: 40_000,
    serverId: 2,
    serverMac: parseMac('02:00:00:00:00:02')!,
    serverAddress: ip('10.0.0.2'),
    serverPort: 53,
    tcp: null,
  },
}

function run(
  step: Partial<TaskStep>,
  given: Rows = rows,
  silentServers: readonly number[] = [],
): readonly Effect[] {
  const remembered = (key: string) =>
    silentServers.some((server) => key === `dns silent ${server}`)
      ? { bytes: new Uint8Array(0), ageMs: 0 }
      : undefined
  const env = { state: stateOf(given), now: 0, random: () => 0.5, log: silent, remembered }
  const effects = dnsForward.handle({ payload: forwarding, answer: null, exchanges: 0, ...step }, env)
  return Array.isArray(effects) ? effects : effects === undefined ? [] : [effects as Effect]
}

const asking = (effects: readonly Effect[]) =>
  effects.find(({ type }) => type === 'exchange') as ExchangeEffect
const kept = (effects: readonly Effect[]) => effects.find(({ type }) => type === 'remember') as RememberEffect
const upstream = (text: string) => Uint8Array.fromHex(text)
const good = upstream(`80008180000100010000 0000${question}${record}`.replace(' ', ''))
/** After the first question has been asked. */
const asked = { payload: { forwarding, server: servers[0] }, exchanges: 1 }

/** The DNS message in the one frame that is sent, and the port that it is sent to. */
function sent(effects: readonly Effect[]) {
  const [effect, second] = effects.filter(({ type }) => type === 'packet-out')
  if (effect?.type !== 'packet-out' || second !== undefined) throw new Error(JSON.stringify(effects))
  const view = new DataView(effect.frame!.buffer)
  const udp = parseUdp(view, parseIpv4Header(view, parseEthernet(view)!.payload)!)!
  return { port: effect.port, message: effect.frame!.slice(udp.payload, udp.end).toHex() }
}

test('the first server is asked, with a number of ours, and only an answer to that counts', () => {
  const { address, port, message, expect: head } = asking(run({}))
  expect([address, port]).toEqual([servers[0]!, 53])
  expect(message.toHex()).toBe(`80000100000100000000 0001${question}00002904d0000000000000`.replace(' ', ''))
  expect(head.toHex()).toBe('8000')
})

test('who was silent is asked last', () => {
  expect(asking(run({}, rows, [servers[0]!])).address).toBe(servers[1]!)
  expect(asking(run({}, rows, servers)).address).toBe(servers[0]!)
})

test('its answer goes to the client, and is remembered', () => {
  const effects = run({ ...asked, answer: good })
  expect(sent(effects)).toEqual({
    port: 7,
    message: `123481800001000100000000${question}${record}`,
  })
  expect(kept(effects)).toMatchObject({ ttlMs: 60_000, bytes: good })
  expect(kept(effects).key).toContain('far.test')
})

test.each([
  ['does not answer', null],
  ['fails', upstream(`800081820001000000000000${question}`)],
  ['refuses', upstream(`800081850001000000000000${question}`)],
  ['answers nonsense', upstream('8000')],
])('where the first %s, the next is asked', (_, answer) => {
  const effects = run({ ...asked, answer })
  expect(asking(effects).address).toBe(servers[1]!)
  expect(effects.filter(({ type }) => type === 'packet-out')).toEqual([])
})

test('after the last attempt the client is told, and nobody is asked again for a while', () => {
  const effects = run({ ...asked, exchanges: 3 })
  expect(sent(effects).message).toBe(`123481820001000000000000${question}`)
  expect(asking(effects)).toBeUndefined()
  const memories = effects.filter(({ type }) => type === 'remember') as RememberEffect[]
  expect(memories.map(({ key, bytes }) => [key.startsWith('dns silent'), bytes.length])).toEqual([
    [true, 0],
    [false, 0],
  ])
})

test.each<[string, Rows, unknown]>([
  [
    'moved to another port',
    { ...rows, activeInterfaces: [{ ...rows.activeInterfaces![0]!, port_number: 9 }] },
    9,
  ],
  [
    'is the hypervisor itself',
    { ...rows, activeInterfaces: [{ ...rows.activeInterfaces![0]!, port_number: 0xffff_fffe }] },
    'OFPP_LOCAL',
  ],
])('a client that %s is answered there', (_, given, port) => {
  expect(sent(run({ ...asked, answer: good }, given)).port).toBe(port as number)
})

test.each<[string, Rows]>([
  ['is plugged in nowhere', { ...rows, activeInterfaces: [] }],
  ['has lost its address', { ...rows, ipLeases: [] }],
  ['is on a datapath that has gone', { ...rows, datapaths: [], activeInterfaces: [] }],
])('a client that %s is sent nothing', (_, given) => {
  expect(run({ ...asked, answer: good }, given).map(({ type }) => type)).toEqual(['remember'])
})

test('what an alias leads to is asked for, and handed back after it', () => {
  const aliased = {
    ...forwarding,
    query: `123401000001000000000000${'0177016100'}00010001`,
    aliases: [{ type: 'CNAME', name: 'w.a', ttlS: 300, target: 'far.test' }] as const,
  }
  const step = { payload: { forwarding: aliased, server: servers[0] }, exchanges: 1 }
  expect(asking(run({ payload: aliased })).message.toHex()).toContain(question)
  const effects = run({ ...step, answer: good })
  expect(sent(effects).message).toBe(
    `1234818000010002000000000177016100${'00010001'}c00c000500010000012c000a${'03666172047465737400'}c021000100010000003c0004c0000201`,
  )
  expect(kept(effects).bytes).toEqual(good)
})
