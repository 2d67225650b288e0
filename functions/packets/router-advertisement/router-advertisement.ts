/** Router solicitations: a machine is told of its network's prefix and router as soon as it asks (RFC 4861, 6.2.6). */
import { drop, packetIn, parseEthernet, parseIpv6Header, reply, unspecifiedIpv6 } from 'openvnet'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import { advertisementTo } from '../../state/router-advertisement.ts'

export default packetIn({
  name: 'router-advertisement',
  from: puntPoints.routerSolicitation,
  handle(packet, { state }) {
    const frame = packet.frame()
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
    const ethernet = parseEthernet(view)
    const ip = ethernet && parseIpv6Header(view, ethernet.payload)
    if (ethernet === null || ip === null) return drop('malformed')
    const network = state.networks.one('tunnelKey', pipeline.read(packet, 'network'))
    const mac = state.macLeases.one('macAddress', ethernet.source)
    if (network === undefined || mac?.interface_id !== packet.objectId) return drop('no-lease')
    const destination = ip.source === unspecifiedIpv6 ? undefined : ip.source
    const advertisement = advertisementTo(state, network, mac, destination)
    return advertisement === undefined ? drop('no-router') : reply(advertisement)
  },
})
