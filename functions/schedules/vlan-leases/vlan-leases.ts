/**
 * Every host says to its switches which VLANs are still theirs, as long as the other hosts hear from it. By flows, not by
 * packets that make some: Open vSwitch looks again at what it has cached for those only.
 */
import { putFlow, schedule } from 'openvnet'
import { leaseFlows } from '../../flows/vlans/trunk.ts'
import { leaseSeconds, renewalMs, unheardMaxMs } from '../../flows/vlans/vlan-lease.ts'
import { servedVlansBy } from '../../state/vlans.ts'

export default schedule({
  name: 'vlan-leases',
  every_ms: renewalMs,
  every_host: true,
  handle({ state, switches }) {
    if (switches.unheardMs > unheardMaxMs) return
    return [...state.activeVlans.all()].flatMap(({ interface_id, datapath_id, network_id }) => {
      if (interface_id === null || datapath_id === null || !switches.applied.has(datapath_id)) return []
      const { dpid } = state.datapaths.get(datapath_id)!
      return servedVlansBy(state, interface_id, datapath_id)
        .filter((vlan) => vlan.leased && vlan.networkId === network_id)
        .flatMap((vlan) => leaseFlows(state, vlan))
        .map((flow) => putFlow(dpid, flow, leaseSeconds))
    })
  },
})
