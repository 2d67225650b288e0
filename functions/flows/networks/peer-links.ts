/** The other datapaths of a network or segment, with the ports by which it gets there. */
import type { State } from 'openvnet'
import type { Domain } from '../../state/domains.ts'
import { portOn } from '../places.ts'
import { tunnelPortOf } from '../tunnel.ts'
import { type Link, linkIn } from '../underlay.ts'

export interface Peer extends Link {
  readonly peerId: number
  /** Of the physical network that both are in; undefined: they are not, or there is none yet. */
  readonly wirePort: number | undefined
  /** Of the tunnel; undefined: none is needed, or there is none yet. */
  readonly tunnelPort: number | undefined
}

export type WirePeer = Peer & { readonly wirePort: number }
export type TunnelPeer = Peer & { readonly tunnelPort: number }

/** Frames go there as they are, unless they say otherwise. */
export const isWirePeer = (peer: Peer): peer is WirePeer =>
  peer.kind === 'wire' && peer.wirePort !== undefined
/** Frames may go there encapsulated. */
export const isTunnelPeer = (peer: Peer): peer is TunnelPeer => peer.tunnelPort !== undefined

/** The links to some other datapaths, as far as there are any. With `mixed`, those on the same wire have a tunnel, too. */
export function peersOf(
  state: State,
  datapathId: number,
  domain: Domain,
  peerIds: readonly number[],
  mixed: boolean,
): Peer[] {
  return peerIds.flatMap((peerId) => {
    const link = linkIn(state, datapathId, peerId, domain)
    if (link === undefined) return []
    const byWire = link.kind === 'wire'
    const wirePort = byWire ? portOn(state, link.interfaceId, datapathId) : undefined
    const tunnelPort = byWire && !mixed ? undefined : tunnelPortOf(state, datapathId, domain)
    return [{ ...link, peerId, wirePort, tunnelPort }]
  })
}

/** One for each address: two datapaths that claim the same one cannot be told apart. */
export const byAddress = (tunnels: readonly TunnelPeer[]): TunnelPeer[] => [
  ...new Map(tunnels.toReversed().map((peer) => [peer.peerAddress, peer])).values(),
]
