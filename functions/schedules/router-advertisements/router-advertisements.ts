/**
 * Router advertisements that nobody has asked for: every machine hears again of its network, and soon of what has come or
 * changed there. Machines take turns, so that a host never sends many at once.
 */
import { type Row, type State, schedule, send, sendOn } from 'openvnet'
import { someOf } from '../../state/fair-share.ts'
import { isEndpoint } from '../../state/interfaces.ts'
import { hasIpv6, type Network } from '../../state/networks.ts'
import { advertisementTo } from '../../state/router-advertisement.ts'

/** A run may be late; no turn goes by without one, and some have two. */
const everyMs = 250
const turnMs = 500
/** From one turn of a machine to the next. */
const periodMs = 30_000
const turns = periodMs / turnMs
/** So long after a change of a network, its routers or servers, every machine of it has its turn. */
const soonMs = 4_000
const turnsSoon = soonMs / turnMs
/** In one run; of more machines than this in a turn, others have theirs each time. */
const placesMax = 500

/** The network of a MAC's link-local addresses: where it hears of routers. */
function networkOf(state: State, mac: Row<'macLeases'>) {
  for (const { network_id } of state.ipLeases.many('macLease', mac.id)) {
    const network = state.networks.get(network_id)
    if (network !== undefined && hasIpv6(network)) return network
  }
  return undefined
}

/** Whether a network, or a simulated interface that may speak for it, has changed just now. */
function hasChanged(state: State, network: Network, now: number): boolean {
  const speakers = state.interfaceNetworks.many('networkMode', network.id, 'simulated')
  const rows = speakers.flatMap(({ interface_id: id }) => [
    state.interfaces.get(id)!,
    ...state.ipLeases.many('interface', id),
    ...state.networkServices.many('interface', id),
  ])
  return [network, ...rows].some(({ updated_at }) => Math.abs(now - updated_at) < soonMs)
}

/** Whether a machine has been leased an address just now: it may be one that it makes by itself. */
const hasNewAddress = (state: State, interfaceId: number, now: number) =>
  state.ipLeases
    .many('interface', interfaceId)
    .some(({ ipv6_address, updated_at }) => ipv6_address !== null && Math.abs(now - updated_at) < soonMs)

const changedNetworks = (state: State, networks: readonly Network[], now: number) =>
  new Set(networks.filter((network) => hasChanged(state, network, now)).map(({ id }) => id))

/** Where a machine is whose turn it is. */
interface Due {
  readonly place: Row<'activeInterfaces'>
  /** Undefined: it hears of whatever network it is in. */
  readonly networkIds?: ReadonlySet<number>
}

function advertisementsAt(state: State, { place, networkIds }: Due) {
  const { interface_id, datapath_id, port_number } = place
  const mode = state.interfaces.get(interface_id)?.mode
  const dpid = state.datapaths.get(datapath_id)?.dpid
  if (port_number === null || mode === undefined || !isEndpoint(mode) || dpid === undefined) return []
  return state.macLeases.many('interface', interface_id).flatMap((mac) => {
    const network = networkOf(state, mac)
    if (network === undefined || networkIds?.has(network.id) === false) return []
    const frame = advertisementTo(state, network, mac, undefined)
    return frame === undefined ? [] : [sendOn(dpid, send(frame, port_number))]
  })
}

export default schedule({
  name: 'router-advertisements',
  every_ms: everyMs,
  every_host: true,
  handle(env) {
    const { state, now, switches } = env
    const networks = [...state.networks.all()].filter(hasIpv6)
    if (networks.length === 0) return
    const changed = changedNetworks(state, networks, now)
    const turn = Math.floor(now / turnMs)
    /** Undefined: it has no turn. */
    const due = (place: Row<'activeInterfaces'>): Due | undefined => {
      if (!switches.here.has(place.datapath_id)) return undefined
      if (place.id % turns === turn % turns) return { place }
      if (place.id % turnsSoon !== turn % turnsSoon) return undefined
      if (hasNewAddress(state, place.interface_id, now)) return { place }
      return changed.size > 0 ? { place, networkIds: changed } : undefined
    }
    const all = [...state.activeInterfaces.all()].flatMap((place) => due(place) ?? [])
    return someOf(all, placesMax, env.random()).flatMap((one) => advertisementsAt(state, one))
  },
})
