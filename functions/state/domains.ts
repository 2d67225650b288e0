/** A broadcast domain: a network, or a segment. What crosses between datapaths is in one, and carries its key. */
import type { Encapsulation, Row, State } from 'openvnet'
import { encapsulationOf } from './encapsulation.ts'
import { isPhysical, liesOn, type Network } from './networks.ts'
import { servedVlansOf } from './vlans.ts'

export type Segment = Row<'segments'>

export interface Domain {
  readonly kind: 'network' | 'segment'
  readonly id: number
  /** On the wire of tunnels, and in registers. */
  readonly key: number
  /** How its packets cross from one physical network to another. */
  readonly encapsulation: Encapsulation
}

export const networkDomain = (network: Network): Domain => ({
  kind: 'network',
  id: network.id,
  key: network.tunnel_key_id,
  encapsulation: encapsulationOf(network),
})

export const segmentDomain = (segment: Segment): Domain => ({
  kind: 'segment',
  id: segment.id,
  key: segment.tunnel_key_id,
  encapsulation: encapsulationOf({ encapsulation: null }),
})

/**
 * The one network or segment that the machines behind a promiscuous interface are in: its oldest segment, or else its
 * oldest network. Undefined: it is no such interface, or is in none. On the wire nobody is known anyway, a network
 * on a segment is that segment's, and what has filters but none that lets it pass is let in nowhere.
 */
export function strangersBehind(state: State, interfaceId: number): Domain | undefined {
  const iface = state.interfaces.get(interfaceId)
  if (iface?.mode !== 'promiscuous' || iface.enable_filtering) return undefined
  const segment = state.interfaceSegments.many('interface', interfaceId)[0]
  if (segment !== undefined) {
    const row = state.segments.get(segment.segment_id)!
    return row.mode === 'physical' ? undefined : segmentDomain(row)
  }
  const first = state.interfaceNetworks.many('interface', interfaceId)[0]
  const network = first && state.networks.get(first.network_id)
  const isOwn = network !== undefined && !isPhysical(network) && !liesOn(network)
  return isOwn ? networkDomain(network) : undefined
}

/** A port with machines behind it that the state does not know. */
export interface StrangerPort {
  readonly interfaceId: number
  readonly datapathId: number
  readonly port: number
}

/** The promiscuous interfaces of a domain. There are few of them in all: nobody reads all members for these. */
const promiscuousIn = (state: State, { kind, id }: Domain): number[] =>
  kind === 'network'
    ? state.interfaceNetworks.many('networkMode', id, 'promiscuous').map((row) => row.interface_id)
    : state.interfaces
        .many('mode', 'promiscuous')
        .flatMap((row) => (state.interfaceSegments.one('pair', row.id, id) === undefined ? [] : [row.id]))

const promiscuousPortsOf = (state: State, domain: Domain): StrangerPort[] =>
  promiscuousIn(state, domain).flatMap((interfaceId) => {
    if (strangersBehind(state, interfaceId)?.key !== domain.key) return []
    return state.activeInterfaces
      .many('interface', interfaceId)
      .flatMap(({ datapath_id: datapathId, port_number: port }) =>
        port === null ? [] : [{ interfaceId, datapathId, port }],
      )
  })

/** Where a domain has such ports: promiscuous interfaces, and ports to legacy switches that serve a VLAN of it. */
export const strangerPortsOf = (state: State, domain: Domain): StrangerPort[] => [
  ...promiscuousPortsOf(state, domain),
  ...(domain.kind === 'network' ? servedVlansOf(state, domain.id) : []),
]

/** Whether there may be machines in a domain that the state does not know. */
export const hasStrangers = (state: State, domain: Domain) => strangerPortsOf(state, domain).length > 0

/** The datapaths where some interface of a domain is plugged in. */
export const activeDatapaths = (state: State, { kind, id }: Domain): number[] =>
  kind === 'network'
    ? state.activeNetworks.many('network', id).map((row) => row.datapath_id)
    : state.activeSegments.many('segment', id).map((row) => row.datapath_id)
