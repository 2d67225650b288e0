import { expect, test } from 'bun:test'
import type { StateView } from '../../../db/state/view.ts'
import { Memory } from '../../../runtime/dispatch/memory.ts'
import { silent } from '../../../runtime/log.ts'
import {
  type Effect,
  formatMac,
  parseEthernet,
  parseIpv4Header,
  parseTcp,
} from '../../../runtime/openvnet.ts'
import { ethernet, ipv4 } from '../../../tests/support/frames.ts'
import { ip, World } from '../../../tests/support/world.ts'
import { pipeline } from '../../flows/pipeline.ts'
import { punted } from '../../testing/packet.ts'
import health from './health.ts'

const vip = '52:54:00:00:00:80'
const guest = '52:54:00:00:00:01'

type Mode = 'tcp' | 'icmp' | 'http'

function balancedWorld(health_check: Mode) {
  const world = new World()
  const network = world.network({ ipv4_network: ip('10.1.0.0') })
  const machine = world.machine(network, 1, 10, guest, '10.1.0.11')
  const { id: interface_id } = world.simulated(network, vip, '10.1.0.80')
  const balancer = world.add('loadBalancers', {
    ...{ interface_id, protocol: 'tcp', ipv4_address: ip('10.1.0.80'), port_number: 80, health_check },
    ...{ health_path: '/ready?a=1', health_status_min: 200, health_status_max: 299 },
  })
  const member = world.add('loadBalancerMembers', {
    ...{ load_balancer_id: balancer.id, interface_id: machine.id, port_number: 8080 },
  })
  return { world, network, member }
}

interface Given {
  readonly now?: number
  /** What is remembered, for real. */
  readonly memory?: Memory
  readonly mode?: Mode
  /** Ages of what is remembered, in ms. */
  readonly remembered?: Readonly<Record<string, number>>
  /** For how long the member has been asked, in ms. */
  readonly askedForMs?: number
  readonly health?: 'unknown' | 'up' | 'down'
}

/** What is sent and remembered, and what is written of the member. */
function run(frame: string, given: Given = {}) {
  const { mode = 'tcp', remembered = {}, askedForMs, memory, now = 0, health: before = 'unknown' } = given
  const { world, network, member } = balancedWorld(mode)
  world.update('loadBalancerMembers', member.id, { health: before })
  const written: string[] = []
  const state = world.state()
  const draft = {
    loadBalancerMembers: { update: (_: number, row: { health: string }) => written.push(row.health) },
  }
  const env = {
    ...{ state, now, random: () => 0, log: silent, draft: () => draft as never },
    remembered: (key: string) => {
      if (memory !== undefined) return memory.recall(key, now)
      if (key === 'health asked 1' && askedForMs !== undefined)
        return { ageMs: 5_000, bytes: new TextEncoder().encode(`${now - askedForMs}`) }
      const ageMs = remembered[key]
      return ageMs === undefined ? undefined : { ageMs, bytes: new Uint8Array() }
    },
  }
  const register = (number: number) =>
    number === pipeline.registers.network.bits[0] ? network.tunnel_key_id : 0
  const result = health.handle(punted(Uint8Array.fromHex(frame), { register }), env)
  return { effects: [result].flat() as Effect[], written }
}

const answer = (protocol: number, payload: string) =>
  ethernet(vip, guest, 0x0800, ipv4('10.1.0.11', '10.1.0.80', protocol, payload))
const segment = (flags: string, port = '1f90', to = 'f001') =>
  `${port}${to}${'00000007'}${'00000001'}50${flags}0400${'0000'}0000`
const tick = `${'00'.repeat(12)}88b500000001`.padEnd(120, '0')

test('a member that accepts is up, is told that nothing follows, and is well for a while', () => {
  const { effects, written } = run(answer(6, segment('12')))
  expect(written).toEqual(['up'])
  expect(effects[0]).toMatchObject({ type: 'remember', key: 'health answered 1', ttlMs: 15_000 })
  const frame = (effects[1] as Extract<Effect, { type: 'packet-out' }>).frame!
  const view = new DataView(frame.buffer)
  const tcp = parseTcp(view, parseIpv4Header(view, parseEthernet(view)!.payload)!)
  expect(tcp).toMatchObject({ sourcePort: 0xf001, destinationPort: 8080, sequence: 1, flags: 4 })
  expect(run(answer(6, segment('12')), { health: 'up' }).written).toEqual([])
})

test('one that refuses, or answers for another port, is not', () => {
  expect(run(answer(6, segment('14')))).toEqual({
    effects: [{ type: 'drop', reason: 'no-answer' }],
    written: [],
  })
  expect(run(answer(6, segment('12', '1f91'))).written).toEqual([])
})

const textOf = (effect: Effect) => {
  const frame = (effect as Extract<Effect, { type: 'packet-out' }>).frame!
  const view = new DataView(frame.buffer)
  const tcp = parseTcp(view, parseIpv4Header(view, parseEthernet(view)!.payload)!)!
  return { tcp, text: new TextDecoder().decode(frame.subarray(tcp.payload, tcp.end)) }
}
const said = (text: string) => answer(6, segment('18') + Buffer.from(text).toString('hex'))

test('one that accepts is asked for a path, where that is what is asked', () => {
  const { effects, written } = run(answer(6, segment('12')), { mode: 'http' })
  expect([effects.length, written]).toEqual([1, []])
  const { tcp, text } = textOf(effects[0]!)
  expect(tcp).toMatchObject({ sourcePort: 0xf001, destinationPort: 8080, sequence: 1, acknowledgement: 8 })
  expect(text).toStartWith('GET /ready?a=1 HTTP/1.1\r\nHost: 10.1.0.11:8080\r\n')
  expect(text).toEndWith('\r\n\r\n')
})

test.each([
  ['HTTP/1.1 204 No Content\r\n', ['up']],
  ['HTTP/1.0 200\r\n', ['up']],
  ['HTTP/1.1 500 Internal Server Error\r\n', []],
  ['HTTP/1.1 302 Found\r\n', []],
  ['HTTP/1.1 2000 What\r\n', []],
  ['SSH-2.0-OpenSSH_9\r\n', []],
  ['H', []],
])('what it answers decides, and the connection ends: %j', (text, expected) => {
  const { effects, written } = run(said(text), { mode: 'http' })
  expect(written).toEqual(expected)
  expect(textOf(effects.at(-1)!).tcp.flags).toBe(4)
})

test('an answer to what was asked a while ago, or from another port, is none', () => {
  const late = segment('12', '1f90', 'ff01')
  expect(run(answer(6, late)).written).toEqual([])
  expect(run(answer(6, segment('12', '1f90', 'f002'))).written).toEqual([])
})

test('one that answers to an echo is up, where that is what is asked', () => {
  expect(run(answer(1, '0000000000010001'), { mode: 'icmp' }).written).toEqual(['up'])
  expect(run(answer(1, '0000000000010001')).written).toEqual([])
})

test('one that has been asked for long enough without an answer is down', () => {
  expect(run(tick).effects).toMatchObject([{ type: 'remember', key: 'health asked 1' }])
  expect(run(tick, { askedForMs: 14_000 }).written).toEqual([])
  expect(run(tick, { askedForMs: 15_000 }).written).toEqual(['down'])
  const answered = { 'health answered 1': 14_000 }
  expect(run(tick, { askedForMs: 99_000, remembered: answered, health: 'up' }).written).toEqual([])
})

test('one that nobody could ask for a while is as it was, and is asked anew', () => {
  const memory = new Memory()
  const ask = (atMs: number) => {
    const { effects, written } = run(tick, { health: 'up', memory, now: atMs })
    for (const effect of effects)
      if (effect.type === 'remember') memory.remember({ share: '', ...effect }, atMs)
    return written
  }
  for (let second = 0; second < 15; second += 5) expect(ask(second * 1_000)).toEqual([])
  // A check may be missed.
  expect(ask(20_000)).toEqual(['down'])
  for (let second = 60; second < 75; second += 5) expect(ask(second * 1_000)).toEqual([])
  expect(ask(75_000)).toEqual(['down'])
})

test('who answered is looked for among the load balancers of its network alone', () => {
  const { world, network } = balancedWorld('icmp')
  const readsWith = (others: number) => {
    for (let n = 0; n < others; n++) {
      const { id } = world.simulated(world.network(), formatMac(0x0200_0000_0100 + n), '10.2.0.80')
      world.add('loadBalancers', { interface_id: id, ipv4_address: ip('10.2.0.80'), health_check: 'icmp' })
    }
    const state = world.state() as StateView
    const env = { state, now: 0, random: () => 0, log: silent, remembered: () => undefined }
    const packet = punted(Uint8Array.fromHex(answer(1, '0000000000010001')), {
      register: (number) => (number === pipeline.registers.network.bits[0] ? network.tunnel_key_id : 0),
    })
    const draft = () => ({ loadBalancerMembers: { update: () => {} } }) as never
    return state.track(() => health.handle(packet, { ...env, draft }))
  }
  const alone = readsWith(0)
  const among = readsWith(100)
  expect(among.value).toEqual(alone.value)
  expect(among.reads).toEqual(alone.reads)
})
