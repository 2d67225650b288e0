/** Router solicitations: a machine is told of its network's prefix and router as soon as it asks (RFC 4861, 6.2.6). */
import {
  allNodesIpv6,
  drop,
  packetIn,
  parseEthernet,
  parseIpv6Header,
  reply,
  unspecifiedIpv6,
} from 'openvnet'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import { leasedTo } from '../../state/ipv6.ts'
import { learnsMachines } from '../../state/mac-learning.ts'
import { advertisementTo } from '../../state/router-advertisement.ts'
import { maySendAs } from '../../state/vlans.ts'

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
    const { source: mac } = ethernet
    if (network === undefined || !maySendAs(state, packet.objectId, mac)) return drop('no-lease')
    const isBehind = learnsMachines(state.interfaces.get(packet.objectId)!.mode)
    const lease = state.macLeases.one('macAddress', mac)
    // Behind a port with many, what is for one is sent to that one alone (RFC 6085).
    const isToAll = ip.source === unspecifiedIpv6
    const destination =
      isToAll && !isBehind ? undefined : { mac, address: isToAll ? allNodesIpv6 : ip.source }
    const isDescribed = lease !== undefined && (!isBehind || leasedTo(state, lease, network.id).length > 0)
    const advertisement = advertisementTo(state, network, isDescribed ? lease : undefined, destination)
    return advertisement === undefined ? drop('no-router') : reply(advertisement)
  },
})
