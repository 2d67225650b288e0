/** An answer of a next hop in a physical network, which the switch has learned already: who waited for it goes on. */
import { arpOperation, drop, isMulticastMac, packetIn, parseArp, parseEthernet, runAgain } from 'openvnet'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import { keyOf, memorise, recall } from '../next-hop/learning.ts'

export default packetIn({
  name: 'next-hop-reply',
  from: puntPoints.nextHopReply,
  handle(packet, env) {
    const frame = packet.frame()
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
    const ethernet = parseEthernet(view)
    const arp = ethernet && parseArp(view, ethernet.payload)
    if (arp === null || arp.operation !== arpOperation.reply) return drop('no-arp-reply')
    const mac = arp.senderMac
    if (mac === 0 || isMulticastMac(mac)) return drop('no-mac')
    const network = env.state.networks.one('tunnelKey', pipeline.read(packet, 'network'))
    if (network === undefined) return drop('no-network')
    const hop = { dpid: packet.dpid, network, address: arp.senderIpv4 }
    if (recall(env, hop) === undefined) return drop('not-asked')
    return [memorise(hop, { kind: 'known', mac, at: env.now }), runAgain(keyOf(hop))]
  },
})
