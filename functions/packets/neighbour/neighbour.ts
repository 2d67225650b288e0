/**
 * Neighbour solicitations that flows cannot answer: those without the option that would become the answer's, and of
 * machines that have no address yet and ask whether one is free (RFC 4862, 5.4). Whose an address is, the state says.
 */
import {
  allNodesIpv6,
  buildAdvertisement,
  drop,
  ipv6BytesOf,
  ipv6GroupMac,
  packetIn,
  parseEthernet,
  parseIpv6Header,
  parseSolicitation,
  reply,
  unspecifiedIpv6,
} from 'openvnet'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import { maySendAs } from '../../state/vlans.ts'

export default packetIn({
  name: 'neighbour',
  from: puntPoints.neighbourProbe,
  handle(packet, { state }) {
    const frame = packet.frame()
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
    const ethernet = parseEthernet(view)
    const ip = ethernet && parseIpv6Header(view, ethernet.payload)
    const solicitation = ip && parseSolicitation(view, ip)
    if (ethernet === null || ip === null || solicitation === null) return drop('malformed')
    // The flows that found the owner have put its MAC into the frame's source, and the sender's into the destination.
    const { source: owner, destination: sender } = ethernet
    if (!maySendAs(state, packet.objectId, sender)) return drop('no-lease')
    const isProbe = ip.source === unspecifiedIpv6
    if (isProbe && owner === sender) return drop('own-address')
    const destination = isProbe ? allNodesIpv6 : ip.source
    const { target } = solicitation
    const headers = {
      ethernet: { source: owner, destination: isProbe ? ipv6GroupMac(ipv6BytesOf(destination)) : sender },
      source: target,
      destination,
    }
    const isRouter = pipeline.read(packet, 'advertisesRouter') === 1
    return reply(buildAdvertisement(headers, { target, mac: owner, isRouter, isSolicited: !isProbe }))
  },
})
