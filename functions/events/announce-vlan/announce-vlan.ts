/**
 * A trunk port serves a VLAN from now on, and is told so where others could: that is not to wait for the next renewal. The
 * machines of the network are announced there, so that legacy switches, which may know them behind another port, send to this one.
 */
import { event, putFlow } from 'openvnet'
import { leaseFlows } from '../../flows/vlans/trunk.ts'
import { leaseSeconds } from '../../state/fence.ts'
import { servedVlansOf } from '../../state/vlans.ts'
import { addressesOfNetwork, vlanAudience } from '../announced-places.ts'
import { announceFrom } from '../announcing.ts'

export default event({
  name: 'announce-vlan',
  on: 'vlan-activated',
  handle({ dpid, networkId, vlanId }, { state }) {
    const datapath = state.datapaths.one('dpid', dpid)
    // Another may serve it since.
    const vlan = servedVlansOf(state, networkId).find(
      (one) => one.datapathId === datapath?.id && one.vlanId === vlanId,
    )
    if (vlan === undefined) return
    const leases = vlan.leased ? leaseFlows(state, vlan) : []
    return [
      ...leases.map((flow) => putFlow(dpid, flow, leaseSeconds)),
      ...announceFrom(vlanAudience(state, vlan), addressesOfNetwork(state, networkId), 0),
    ]
  },
})
