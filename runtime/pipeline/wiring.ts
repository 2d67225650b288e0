/** What is behind the ports of switches, as far as the state tells: how a traced packet begins, and where it goes on. */
import type { State } from '../../db/state/types.ts'

/** Fields of a packet by the names that matches have for them, as numbers. */
export type PacketFields = ReadonlyMap<string, bigint>

/** Where a packet comes into a switch. */
export interface Entrance {
  readonly datapathId: number
  readonly port: number
  /** What the switch knows of it beside its own bytes: the outer addresses and key of a tunnel. */
  readonly fields?: PacketFields
}

/** What is behind a port. */
export type Behind =
  /** An interface: here it is delivered. */
  | { readonly kind: 'interface'; readonly uuid: string }
  /** The host's own network stack. */
  | { readonly kind: 'host'; readonly uuid: string | null }
  /** A physical network, and the datapaths that have whom the frame is for: none where the state knows nobody there. */
  | {
      readonly kind: 'wire'
      readonly network: string | null
      readonly to: readonly Entrance[]
      /** The address of the next hop that a router has sent it to. */
      readonly nextHop?: string
    }
  | { readonly kind: 'tunnel'; readonly to: readonly Entrance[] }
  /** The state knows no such port, or nobody at it who takes the frame. */
  | { readonly kind: 'nobody'; readonly because: string }

/** How to begin; a text says why not. */
export type Beginning =
  | { readonly entrance: Entrance; readonly fields: PacketFields }
  | { readonly problem: string }

export interface Wiring {
  /** A packet of an interface: what is not given is filled in from its leases and from who has the address that it goes to. */
  begin(state: State, interfaceUuid: string, given: PacketFields): Beginning
  behind(state: State, datapathId: number, port: number, packet: PacketFields): Behind
}
