/**
 * Router advertisements that nobody has asked for: every machine hears again of its network, and of what has changed
 * there. Machines take turns, so that a host never sends many at once.
 */
import { type Row, type State, schedule, send, sendOn } from 'openvnet'
import { isEndpoint } from '../../state/interfaces.ts'
import { hasIpv6 } from '../../state/networks.ts'
import { advertisementTo } from '../../state/router-advertisement.ts'

const everyMs = 250
/** From one advertisement of a machine to the next. */
const periodMs = 30_000
const turns = periodMs / everyMs
/** In one run; of more machines than this in a turn some wait for another. */
const framesMax = 60

/** The network of a MAC's link-local addresses: where it hears of routers. */
function networkOf(state: State, mac: Row<'macLeases'>) {
  for (const { network_id } of state.ipLeases.many('macLease', mac.id)) {
    const network = state.networks.get(network_id)
    if (network !== undefined && hasIpv6(network)) return network
  }
  return undefined
}

function advertisementsAt(state: State, { interface_id, datapath_id, port_number }: Row<'activeInterfaces'>) {
  const mode = state.interfaces.get(interface_id)?.mode
  const dpid = state.datapaths.get(datapath_id)?.dpid
  if (port_number === null || mode === undefined || !isEndpoint(mode) || dpid === undefined) return []
  return state.macLeases.many('interface', interface_id).flatMap((mac) => {
    const network = networkOf(state, mac)
    const frame = network && advertisementTo(state, network, mac, undefined)
    return frame === undefined ? [] : [sendOn(dpid, send(frame, port_number))]
  })
}

const usesIpv6 = (state: State) => [...state.networks.all()].some(hasIpv6)

export default schedule({
  name: 'router-advertisements',
  every_ms: everyMs,
  every_host: true,
  handle({ state, now }) {
    if (!usesIpv6(state)) return
    const turn = Math.floor(now / everyMs) % turns
    return [...state.activeInterfaces.all()]
      .filter(({ id }) => id % turns === turn)
      .flatMap((place) => advertisementsAt(state, place))
      .slice(0, framesMax)
  },
})
