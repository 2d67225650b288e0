/**
 * ICMP errors about packets that a router interface translates: flows change the addresses of a packet, but not those of
 * the packet that it quotes. Without that, path MTU discovery ends at the interface.
 */
import {
  drop,
  type Effect,
  type Endpoint,
  type IcmpQuote,
  type Ipv4,
  type PacketIn,
  packetIn,
  parseEthernet,
  parseIpv4Header,
  portsOf,
  readIcmpQuote,
  rewrite,
  type State,
  sendThrough,
  writeIcmpChecksum,
} from 'openvnet'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import { innerOf, outerOf, passesUntranslated } from '../../state/translation.ts'

interface Quoting {
  readonly packet: PacketIn
  readonly frame: Uint8Array
  readonly view: DataView
  /** Where the header begins. */
  readonly at: number
  readonly ip: Ipv4
  readonly state: State
}

/** The quoted packet's end, and the packet's own other end, changed. */
function changed(
  { view, at, ip }: Quoting,
  quote: IcmpQuote,
  end: 'source' | 'destination',
  to: Endpoint,
): void {
  rewrite(view, quote, end, to)
  writeIcmpChecksum(view, ip)
  const packet = { at, protocol: ip.protocol, payload: ip.payload, end: ip.end, isFirst: true }
  rewrite(view, packet, end === 'source' ? 'destination' : 'source', { address: to.address, port: null })
}

/** The port at one end of what is quoted. */
function portAt(view: DataView, quote: IcmpQuote, end: 'source' | 'destination'): number | null {
  const ports = portsOf(quote)
  return ports === null ? null : view.getUint16(ports + (end === 'source' ? 0 : 2))
}

/** From outside: what it quotes was sent by the address inside. */
function inward(quoting: Quoting, routerMac: number): Effect {
  const { packet, frame, view, ip, state } = quoting
  const quote = readIcmpQuote(view, ip)
  const router = state.macLeases.one('macAddress', routerMac)?.interface_id ?? undefined
  if (quote === null || router === undefined) return drop('no-quote')
  if (quote.source !== ip.destination) return drop('not-translated')
  const place = { address: quote.source, port: portAt(view, quote, 'source') }
  const found = innerOf(state, router, place)
  if (found === undefined) return drop('not-translated')
  changed(quoting, quote, 'source', found.endpoint)
  const link = found.routeLinkId === null ? undefined : state.routeLinks.get(found.routeLinkId)
  const actions =
    link === undefined
      ? pipeline.resume(packet, 'router')
      : pipeline.resume(packet, 'route', { routing: link.tunnel_key_id })
  return sendThrough(actions, frame)
}

/** From inside: what it quotes was sent to the address outside. Who else tells of it inside is not seen outside. */
function outward(quoting: Quoting): Effect {
  const { packet, frame, view, ip, state } = quoting
  const router = state.interfaceNetworks.get(pipeline.read(packet, 'outRouter'))?.interface_id
  const quote = readIcmpQuote(view, ip)
  if (quote === null || router === undefined) return drop('no-quote')
  const place = { address: quote.destination, port: portAt(view, quote, 'destination') }
  const outer = outerOf(state, router, pipeline.read(packet, 'routeLink'), place)
  const actions = pipeline.resume(packet, 'destination')
  if (outer !== undefined) changed(quoting, quote, 'destination', outer)
  else if (!passesUntranslated(state, router)) return drop('not-translated')
  return sendThrough(actions, frame)
}

export default packetIn({
  name: 'translation',
  from: puntPoints.translation,
  handle(packet, { state }) {
    const frame = packet.frame()
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
    const ethernet = parseEthernet(view)
    const ip = ethernet && parseIpv4Header(view, ethernet.payload)
    if (ethernet === null || ip === null) return drop('not-ip')
    const quoting = { packet, frame, view, at: ethernet.payload, ip, state }
    return pipeline.read(packet, 'translation') === pipeline.registers.translation.values.inward
      ? inward(quoting, ethernet.destination)
      : outward(quoting)
  },
})
