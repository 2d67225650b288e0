/**
 * A datapath speaks for a router interface from now on, and is told so where others could. Its addresses are announced on the
 * wire: physical switches send there, and who spoke before falls silent.
 */
import { event, putFlow } from 'openvnet'
import { speakerLeaseOf } from '../../flows/routers/speakers.ts'
import { leaseSeconds } from '../../state/fence.ts'
import { addressesOfRouter, routerAudience } from '../announced-places.ts'
import { announceFrom } from '../announcing.ts'

export default event({
  name: 'announce-router',
  on: 'router-activated',
  handle({ dpid, interfaceId, networkId }, { state }) {
    const row = state.activeRouters.one('router', interfaceId, networkId)
    const audience = row && routerAudience(state, row)
    // Another may speak since.
    if (audience?.dpid !== dpid) return
    return [
      ...speakerLeaseOf(state, row!).map((flow) => putFlow(dpid, flow, leaseSeconds)),
      ...announceFrom(audience, addressesOfRouter(state, row!), 0),
    ]
  },
})
