/** What connection tracking would say of a packet: nobody asks it, so it is assumed. */
import { etherType } from '../../packet/ethernet.ts'
import type { Action } from '../../pipeline/flow.ts'
import { ctBits, numberOf, type Packet } from './packet.ts'

/** The first packet of a connection, one of an established one, an answer in it, a related error, or nothing that it knows. */
export const ctVerdicts = ['new', 'est', 'rpl', 'rel', 'inv'] as const
export type CtVerdict = (typeof ctVerdicts)[number]

const states: Readonly<Record<CtVerdict, readonly string[]>> = {
  new: ['new'],
  est: ['est'],
  rpl: ['est', 'rpl'],
  rel: ['rel'],
  inv: ['inv'],
}

/** What who asks has said of the first packet of the connection, by the names of `ct_nw_src` and the like. */
export type SaidConnection = ReadonlyMap<string, bigint>

const connectionField = /^ct_(nw|ipv6|tp)_/
/** Fields of a packet that are about its connection, and are said, not found. */
export const saidConnection = (fields: ReadonlyMap<string, bigint>): SaidConnection =>
  new Map([...fields].filter(([name]) => connectionField.test(name)))

/** The packet as it goes on from there. */
export function tracked(packet: Packet, zone: bigint, verdict: CtVerdict, said: SaidConnection): Packet {
  const on = packet.clone()
  const bits = ['trk', ...states[verdict]].reduce((sum, name) => sum | ctBits[name]!, 0)
  on.set('ct_state', BigInt(bits))
  on.set('ct_zone', zone)
  if (verdict === 'rel') rememberQuoted(on)
  else rememberFirst(on, verdict === 'rpl')
  for (const [name, value] of said) on.set(name, value)
  return on
}

const ipv4 = BigInt(etherType.ipv4)
const ipv6 = BigInt(etherType.ipv6)

/** An error tells its receiver of what that has sent: taken for the first packet. Of which protocol, it does not show. */
function rememberQuoted(packet: Packet): void {
  for (const [end, of] of [
    ['src', 'dst'],
    ['dst', 'src'],
  ] as const) {
    packet.set(`ct_nw_${end}`, packet.get(`ipv4_${of}`))
    packet.set(`ct_ipv6_${end}`, packet.get(`ipv6_${of}`))
  }
  for (const name of ['ct_nw_proto', 'ct_tp_src', 'ct_tp_dst']) packet.set(name, 0n)
}

/** The first packet of its connection: it may have gone the other way. */
function rememberFirst(packet: Packet, isAnswer: boolean): void {
  if (packet.get('eth_type') !== ipv4 && packet.get('eth_type') !== ipv6) return
  const [from, to] = isAnswer ? ['dst', 'src'] : ['src', 'dst']
  const proto = packet.get('ip_proto')
  const protocol = proto === 6n ? 'tcp' : proto === 17n ? 'udp' : undefined
  packet.set('ct_nw_proto', proto)
  for (const [end, of] of [
    ['src', from],
    ['dst', to],
  ] as const) {
    packet.set(`ct_nw_${end}`, packet.get(`ipv4_${of}`))
    packet.set(`ct_ipv6_${end}`, packet.get(`ipv6_${of}`))
    if (protocol !== undefined) packet.set(`ct_tp_${end}`, packet.get(`${protocol}_${of}`))
  }
  if (proto === 1n) packet.set('ct_tp_src', packet.get('icmpv4_type'))
  if (proto === 1n) packet.set('ct_tp_dst', packet.get('icmpv4_code'))
  if (proto === 58n) packet.set('ct_tp_src', packet.get('icmpv6_type'))
  if (proto === 58n) packet.set('ct_tp_dst', packet.get('icmpv6_code'))
}

/** Of a range the first: which one it will be, nobody knows. Without an address only what is remembered is translated. */
export function natted(packet: Packet, action: Action, verdict: CtVerdict): void {
  const flags = (action['flags'] as readonly (string | number)[]) ?? []
  const address = (action['ipv4_min'] ?? action['ipv6_min']) as string | undefined
  const port = action['proto_min'] as number | undefined
  if (verdict === 'rpl' || verdict === 'inv' || (address === undefined && port === undefined)) return
  const isSource = flags.includes('NX_NAT_F_SRC')
  const end = isSource ? 'src' : 'dst'
  const family = action['ipv6_min'] === undefined ? 'ipv4' : 'ipv6'
  if (address !== undefined) packet.set(`${family}_${end}`, numberOf(address))
  const protocol = packet.get('ip_proto') === 6n ? 'tcp' : 'udp'
  if (port !== undefined) packet.set(`${protocol}_${end}`, BigInt(port))
  packet.set('ct_state', packet.get('ct_state') | BigInt(ctBits[isSource ? 'snat' : 'dnat']!))
}
