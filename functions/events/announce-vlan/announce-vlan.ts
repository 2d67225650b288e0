/**
 * A trunk port serves a VLAN from now on, and is told so where others could: that is not to wait for the next renewal. The machines of the network are announced there by gratuitous ARP, so that
 * legacy switches, which may know them behind another port, send to this one.
 */
import {
  arpOperation,
  broadcastMac,
  buildArp,
  event,
  putFlow,
  type State,
  sendOn,
  sendThrough,
} from 'openvnet'
import { addressesIn } from '../../flows/places.ts'
import { announcements, leaseFlows } from '../../flows/vlans/trunk.ts'
import { leaseSeconds } from '../../flows/vlans/vlan-lease.ts'
import { isEndpoint } from '../../state/interfaces.ts'
import { isLegacyMachine, servedVlansOf } from '../../state/vlans.ts'

/** As many addresses as one message announces, … */
const addressesPerMessage = 12
/** … in so many messages; of a network with more, the others are found by flooding. */
const messagesMax = 60

/** What each packet-out begins with; its actions put in who it is about. */
const frame = buildArp(
  { destination: broadcastMac, source: 0 },
  { operation: arpOperation.request, senderMac: 0, senderIpv4: 0, targetMac: 0, targetIpv4: 0 },
)

/** Every MAC with an address in the network that is not behind legacy switches itself. */
function* addressesOf(state: State, networkId: number) {
  for (const { interface_id: id, interface_mode: mode } of state.interfaceNetworks.many(
    'network',
    networkId,
  )) {
    if ((mode !== 'simulated' && !isEndpoint(mode)) || isLegacyMachine(state, id)) continue
    for (const { mac, ips } of addressesIn(state, id, networkId))
      for (const ip of ips) yield { mac: mac.mac_address, ip }
  }
}

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
    const all = [...addressesOf(state, networkId)].slice(0, addressesPerMessage * messagesMax)
    const announced = Array.from({ length: Math.ceil(all.length / addressesPerMessage) }, (_, part) => {
      const some = all.slice(part * addressesPerMessage, (part + 1) * addressesPerMessage)
      return sendOn(dpid, sendThrough(announcements(vlan, some), frame))
    })
    return [...leases.map((flow) => putFlow(dpid, flow, leaseSeconds)), ...announced]
  },
})
