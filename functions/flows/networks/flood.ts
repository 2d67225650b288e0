/**
 * The broadcast of a network or segment on a datapath. Ports are in pages of 256 by their number, so that one more port changes
 * one short flow, and no flow outgrows an OpenFlow message.
 */
import { cookieOf, type Flow, type FlowFunction, localPort, type State } from 'openvnet'
import { type Domain, networkDomain, segmentDomain, strangerPortsOf } from '../../state/domains.ts'
import { isFiltered } from '../../state/filtering.ts'
import { carrierOf, type HostInterface } from '../../state/host-interfaces.ts'
import { isEndpoint } from '../../state/interfaces.ts'
import { isPhysical } from '../../state/networks.ts'
import { type ServedVlan, servedVlansOf } from '../../state/vlans.ts'
import { shortPort } from '../meters.ts'
import { features, pipeline } from '../pipeline.ts'
import { portOn } from '../places.ts'
import { stationsOnWire, wireOf } from '../segments/physical-segment.ts'
import { taggedCopy } from '../vlans/trunk.ts'

const portsPerPage = 256

/** A port that gets a copy. */
interface Target {
  readonly port: number
  /** Whose it is, where something decides what may reach it. */
  readonly guarded: number | undefined
}

/** The ports of the interfaces here, ascending, by page; LOCAL and the wire apart, and VLANs of ports to legacy switches. */
interface Targets {
  readonly pages: ReadonlyMap<number, readonly Target[]>
  readonly others: readonly Target[]
  readonly vlans: readonly ServedVlan[]
}

/** A member that is sent what is sent to all. */
interface Listener {
  readonly interfaceId: number
  readonly guarded: boolean
}

/** Strangers apart. */
function listenersIn(state: State, { kind, id }: Domain): Listener[] {
  if (kind === 'network')
    return state.interfaceNetworks
      .many('network', id)
      .flatMap(({ interface_id: interfaceId, interface_mode, filtered: guarded }) =>
        isEndpoint(interface_mode) ? [{ interfaceId, guarded }] : [],
      )
  return state.interfaceSegments.many('segment', id).flatMap(({ interface_id: interfaceId }) => {
    const iface = state.interfaces.get(interfaceId)
    return iface !== undefined && isEndpoint(iface.mode) ? [{ interfaceId, guarded: isFiltered(iface) }] : []
  })
}

function portsOf(state: State, datapathId: number, domain: Domain, more: readonly number[]): Target[] {
  const ports: Target[] = []
  const listeners = listenersIn(state, domain)
  const known = new Set(listeners.map(({ interfaceId }) => interfaceId))
  for (const interfaceId of more) if (!known.has(interfaceId)) listeners.push({ interfaceId, guarded: false })
  for (const { interfaceId, guarded } of listeners) {
    const port = portOn(state, interfaceId, datapathId)
    if (port !== undefined) ports.push({ port, guarded: guarded ? interfaceId : undefined })
  }
  for (const stranger of strangerPortsOf(state, domain))
    if (stranger.datapathId === datapathId && !('vlanId' in stranger))
      ports.push({ port: stranger.port, guarded: undefined })
  return ports.sort((a, b) => a.port - b.port)
}

interface Wire {
  /** The host interface that the domain is cabled to. */
  readonly carrier: HostInterface | undefined
  /** Interfaces that are on it beside those of the domain. */
  readonly more: readonly number[]
}

function targetsOf(state: State, datapathId: number, domain: Domain, { carrier, more }: Wire): Targets {
  const pages = new Map<number, Target[]>()
  const others = new Map<number, Target>()
  for (const target of portsOf(state, datapathId, domain, more)) {
    const page = Math.floor(target.port / portsPerPage)
    if (target.port === localPort) others.set(localPort, target)
    else if (pages.get(page)?.push(target) === undefined) pages.set(page, [target])
  }
  if (carrier !== undefined)
    for (const port of [localPort, carrier.port]) others.set(port, { port, guarded: undefined })
  const vlans = domain.kind === 'network' ? servedVlansOf(state, domain.id) : []
  return {
    pages,
    others: [...others.values()],
    vlans: vlans.filter((vlan) => vlan.datapathId === datapathId),
  }
}

type CopyStep =
  | { readonly output: number }
  | { readonly set: 'outInterface' | 'outPort'; readonly to: number }
  | { readonly resubmit: 'toInterface' }

/** Its copy goes the way of every packet for the interface: the switch makes one of its own for that. */
const copyTo = ({ port, guarded }: Target): readonly CopyStep[] =>
  guarded === undefined
    ? [{ output: port }]
    : [
        { set: 'outInterface', to: guarded },
        { set: 'outPort', to: shortPort(port) },
        { resubmit: 'toInterface' },
      ]

const pageFlow = (cookie: bigint, network: number, floodPage: number, ports: readonly Target[]): Flow =>
  pipeline.flow('floodPorts', {
    cookie,
    priority: 1,
    match: { network, floodPage },
    steps: ports.flatMap(copyTo),
  })

function flowsOf(cookie: bigint, key: number, { pages, others, vlans }: Targets): Flow[] {
  const toPages = [...pages.keys()].flatMap((page) => [
    { set: 'floodPage', to: page } as const,
    { resubmit: 'floodPorts' } as const,
  ])
  return [
    pipeline.flow('flood', {
      cookie,
      priority: 1,
      match: { network: key },
      steps: [...toPages, ...others.flatMap(copyTo), ...vlans.flatMap(taggedCopy)],
      goto: 'floodPeers',
    }),
    ...[...pages].map(([page, ports]) => pageFlow(cookie, key, page, ports)),
  ]
}

export const flood: FlowFunction = ({ datapathId, objectId: networkId }, state) => {
  const network = state.networks.get(networkId)
  if (network === undefined) return { flows: [] }
  const carrier = isPhysical(network) ? carrierOf(state, datapathId, network.id) : undefined
  const more = isPhysical(network) ? stationsOnWire(state, datapathId, network) : []
  const targets = targetsOf(state, datapathId, networkDomain(network), { carrier, more })
  return { flows: flowsOf(cookieOf(features.flood, networkId), network.tunnel_key_id, targets) }
}

/** The same of a segment. */
export const segmentFlood: FlowFunction = ({ datapathId, objectId: segmentId }, state) => {
  const segment = state.segments.get(segmentId)
  if (segment === undefined) return { flows: [] }
  const wire = segment.mode === 'physical' ? wireOf(state, datapathId, segment) : undefined
  // Where a physical network is on the same wire, its broadcast is the segment's.
  if (wire?.network !== undefined) return { flows: [] }
  const targets = targetsOf(state, datapathId, segmentDomain(segment), { carrier: wire?.carrier, more: [] })
  return { flows: flowsOf(cookieOf(features.segment, segmentId), segment.tunnel_key_id, targets) }
}
