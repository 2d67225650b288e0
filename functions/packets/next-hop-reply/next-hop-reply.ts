/**
 * An answer of a next hop in a physical network, or of a machine that nobody has leased an address to, which the switch has
 * learned already: who waited for it goes on.
 */
import {
  arpOperation,
  drop,
  etherType,
  isMulticastMac,
  type PacketIn,
  packetIn,
  parseAdvertisement,
  parseArp,
  parseEthernet,
  parseIpv6Header,
  runAgain,
} from 'openvnet'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import type { IpAddress } from '../../state/prefixes.ts'
import { keyOf, memorise, recall } from '../next-hop/learning.ts'

/** Who says that they have which address: by ARP, or by a neighbour advertisement. */
function answerIn(packet: PacketIn): { readonly address: IpAddress; readonly mac: number } | null {
  const frame = packet.frame()
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const ethernet = parseEthernet(view)
  if (ethernet?.type === etherType.ipv6) {
    const ip = parseIpv6Header(view, ethernet.payload)
    const said = ip && parseAdvertisement(view, ip)
    return said === null || said.targetMac === null ? null : { address: said.target, mac: said.targetMac }
  }
  const arp = ethernet && parseArp(view, ethernet.payload)
  if (arp === null || arp.operation !== arpOperation.reply) return null
  return { address: arp.senderIpv4, mac: arp.senderMac }
}

export default packetIn({
  name: 'next-hop-reply',
  from: puntPoints.nextHopReply,
  handle(packet, env) {
    const answer = answerIn(packet)
    if (answer === null) return drop('no-answer')
    const { address, mac } = answer
    if (mac === 0 || isMulticastMac(mac)) return drop('no-mac')
    const network = env.state.networks.one('tunnelKey', pipeline.read(packet, 'network'))
    if (network === undefined) return drop('no-network')
    const hop = { dpid: packet.dpid, network, address }
    if (recall(env, hop) === undefined) return drop('not-asked')
    return [memorise(hop, { kind: 'known', mac, at: env.now }), runAgain(keyOf(hop))]
  },
})
