/** What happens to switches and their ports, as values. */

/** A port as its switch lists it; `ifaceId` is `external_ids:iface-id` of Open vSwitch, what libvirt and others set. */
export interface SwitchPort {
  readonly portNumber: number
  readonly portName: string
  readonly ifaceId: string | null
  /** The bridge remembers it as the port that leads to the physical network. */
  readonly uplink: boolean
  /** There is a carrier: no cable is pulled, and nobody has taken the port down. */
  readonly linked: boolean
}

interface OfDatapath {
  /** `0x` and 16 hexadecimal digits. */
  readonly dpid: string
}

export interface NetworkEvents {
  /** A switch is connected and served. */
  'datapath-joined': OfDatapath
  'datapath-left': OfDatapath
  /** What a deleted datapath (`deleted_datapaths`) had on its switch is gone. */
  'datapath-cleared': OfDatapath & { readonly deletedId: number }
  'port-added': OfDatapath & SwitchPort
  'port-removed': OfDatapath & { readonly portNumber: number; readonly portName: string }
  /** Every port that the switch has: what is not listed is gone. */
  'ports-listed': OfDatapath & { readonly ports: readonly SwitchPort[] }
  /** An interface with this MAC address is at a port of this datapath: now, or still when the switch joins. */
  'mac-activated': OfDatapath & { readonly interfaceId: number; readonly macAddress: number }
  /** A trunk port of this datapath serves a VLAN of a network from now on, or is from now on one of several that could. */
  'vlan-activated': OfDatapath & { readonly networkId: number; readonly vlanId: number }
  /** This datapath speaks for a router interface in a network from now on, or is from now on one of several that could. */
  'router-activated': OfDatapath & { readonly interfaceId: number; readonly networkId: number }
}

export type EventName = keyof NetworkEvents
export const eventNames: readonly EventName[] = [
  'datapath-joined',
  'datapath-left',
  'datapath-cleared',
  'port-added',
  'port-removed',
  'ports-listed',
  'mac-activated',
  'vlan-activated',
  'router-activated',
]
/** An event with its name in `type`. */
export type NetworkEvent = { [N in EventName]: { readonly type: N } & NetworkEvents[N] }[EventName]
export type EventOf<N extends EventName> = Extract<NetworkEvent, { readonly type: N }>
