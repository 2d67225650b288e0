/**
 * An interface has become active on a datapath: its MAC addresses are announced on the physical network. Requests for
 * addresses are answered from state and never reach the physical switches, which would flood frames for a silent
 * machine, and send those for one that has moved to where it was.
 */
import { buildRarpAnnouncement, event, send } from 'openvnet'

export default event({
  name: 'announce',
  on: 'interface-activated',
  handle({ dpid, interfaceId }, { state }) {
    const datapath = state.datapaths.one('dpid', dpid)
    const active = datapath && state.activeInterfaces.one('pair', interfaceId, datapath.id)
    if (datapath === undefined || active === undefined || state.interfaces.get(interfaceId)?.mode !== 'vif')
      return
    const networks = state.interfaceNetworks.many('interface', interfaceId).map((row) => row.network_id)
    const uplinks = new Set(
      networks.flatMap((networkId) => {
        const link = state.datapathNetworks.one('pair', datapath.id, networkId)
        const uplink =
          link?.interface_id && state.activeInterfaces.one('pair', link.interface_id, datapath.id)
        return uplink ? (uplink.port_number ?? []) : []
      }),
    )
    const leases = state.macLeases.many('interface', interfaceId)
    return [...uplinks].flatMap((port) =>
      leases.map((lease) => send(buildRarpAnnouncement(lease.mac_address), port)),
    )
  },
})
