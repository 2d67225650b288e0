/**
 * Every host says to its switches what is still theirs to serve, as long as the other hosts hear from it: VLANs, and router
 * interfaces, which are announced, too, for those that were cut off and replaced. By flows, not by packets that make some: Open
 * vSwitch looks again at what it has cached for those only.
 */
import { type Effect, putFlow, type ScheduleEnvironment, schedule } from 'openvnet'
import { addressesOfRouter, routerAudience } from '../../events/announced-places.ts'
import { announce } from '../../events/announcing.ts'
import { speakerLeaseOf } from '../../flows/routers/speakers.ts'
import { leaseFlows } from '../../flows/vlans/trunk.ts'
import { leaseSeconds, renewalMs, unheardMaxMs } from '../../state/fence.ts'
import { servedVlansBy } from '../../state/vlans.ts'

/** Each port has all its VLANs told at once, however many those are. */
const ofVlans = ({ state, switches }: ScheduleEnvironment): Effect[] =>
  [...switches.here].flatMap((datapathId) => {
    const dpid = state.datapaths.get(datapathId)?.dpid
    if (dpid === undefined) return []
    const rows = state.activeVlans.many('datapath', datapathId)
    const trunks = new Set(rows.flatMap(({ interface_id }) => interface_id ?? []))
    return [...trunks]
      .flatMap((interfaceId) => servedVlansBy(state, interfaceId, datapathId))
      .filter(({ leased }) => leased)
      .flatMap((vlan) => leaseFlows(state, vlan))
      .map((flow) => putFlow(dpid, flow, leaseSeconds))
  })

function ofRouters({ state, switches }: ScheduleEnvironment): Effect[] {
  return [...state.activeRouters.all()].flatMap((row): Effect[] => {
    if (row.datapath_id === null || !switches.here.has(row.datapath_id)) return []
    const leases = speakerLeaseOf(state, row)
    const audience = leases.length === 0 ? undefined : routerAudience(state, row)
    if (audience === undefined) return []
    return [
      ...leases.map((flow) => putFlow(audience.dpid, flow, leaseSeconds)),
      ...announce(audience, addressesOfRouter(state, row).slice(0, 1)),
    ]
  })
}

export default schedule({
  name: 'leases',
  every_ms: renewalMs,
  every_host: true,
  handle: (env) => (env.switches.unheardMs > unheardMaxMs ? undefined : [...ofVlans(env), ...ofRouters(env)]),
})
