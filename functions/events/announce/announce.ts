/**
 * A MAC address has come to a datapath: it is announced on the physical network, where frames of its networks are as
 * they are. Requests for addresses are answered from state and never reach the physical switches, which would flood
 * frames for a silent machine, and send those for one that has moved to where it was.
 */
import { buildRarpAnnouncement, event, send } from 'openvnet'
import { wireOf } from '../../flows/segments/physical-segment.ts'
import { wirePortOf, wirePortToPeers } from '../../flows/underlay.ts'
import { segmentDomain } from '../../state/domains.ts'
import { isEndpoint } from '../../state/interfaces.ts'

/** A machine in networks of more physical networks than this is announced in the first ones. */
const portsMax = 16

export default event({
  name: 'announce',
  on: 'mac-activated',
  handle({ dpid, interfaceId, macAddress }, { state }) {
    const datapath = state.datapaths.one('dpid', dpid)
    const lease = state.macLeases.one('macAddress', macAddress)
    const mode = state.interfaces.get(interfaceId)?.mode
    // It may have gone on since.
    if (datapath === undefined || lease?.interface_id !== interfaceId) return
    if (mode === undefined || !isEndpoint(mode)) return
    if (state.activeInterfaces.one('pair', interfaceId, datapath.id) === undefined) return
    const ports = new Set<number>()
    for (const { network_id } of state.ipLeases.many('macLease', lease.id)) {
      const port = wirePortOf(state, datapath.id, state.networks.get(network_id)!)
      if (port !== undefined) ports.add(port)
    }
    const segment = lease.segment_id === null ? undefined : state.segments.get(lease.segment_id)
    const segmentPort =
      segment?.mode === 'physical'
        ? wireOf(state, datapath.id, segment).carrier?.port
        : segment && wirePortToPeers(state, datapath.id, segmentDomain(segment))
    if (segmentPort !== undefined) ports.add(segmentPort)
    return [...ports].slice(0, portsMax).map((port) => send(buildRarpAnnouncement(macAddress), port))
  },
})
