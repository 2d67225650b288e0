/**
 * Addresses beyond its leases that an interface may have: it may send from them, and those of its network are found where
 * the interface is that said last, by ARP or neighbour discovery, that it has them. A virtual router's MAC address is not
 * unique: frames from it go on under the interface's own, frames to it get there under that and get the other one back at
 * the port. In a physical network there is one of each, and it stays.
 */
import type { Flow, FlowFunction } from 'openvnet'
import { hasPeers, isActiveOn, isPhysical } from '../../state/networks.ts'
import { isIpv4 } from '../../state/prefixes.ts'
import { unspecifiedFlow } from '../ipv6/anti-spoof-ipv6.ts'
import { answerSolicitation, ownAdvertisement } from '../ipv6/solicitation.ts'
import { pipeline } from '../pipeline.ts'
import { elsewhere, portOn } from '../places.ts'
import { matchOf } from '../prefix-match.ts'
import { linkTo } from '../underlay.ts'
import { announcements, mayRepeat } from './allowed-claims.ts'
import {
  enter,
  type Held,
  macsOf,
  onwards,
  type Place,
  placeOf,
  sourcesUnder,
  virtualMacsOf,
} from './allowed-place.ts'
import { answerArp } from './arp.ts'
import { delivery } from './local-member.ts'

const maySend = (place: Place, eth_src: number): Flow[] =>
  sourcesUnder(place, eth_src).map((source) =>
    pipeline.flow('antiSpoof', {
      cookie: place.cookie,
      priority: 95,
      match: { inInterface: place.iface.id, eth_src, ...matchOf('source', source) },
      steps: enter(place, eth_src),
      goto: onwards(place, source.network),
    }),
  )

/** Who asks for an address that somebody has by what is allowed. */
const answer = ({ cookie, network }: Place, { ip, mac }: Held): Flow =>
  isIpv4(ip)
    ? answerArp(cookie, { network: network.tunnel_key_id }, ip, mac)
    : answerSolicitation({ cookie, network: network.tunnel_key_id }, ip, mac)

/** Of what it has, the MAC addresses of virtual routers. */
const virtualMacsHeld = ({ held, mac }: Place) => [
  ...new Set(held.flatMap((one) => (one.mac === mac ? [] : one.mac))),
]

/** What is for an address under a virtual router's MAC address gets that at the port; what the machine says of it has it, too. */
const virtuallyHeld = (place: Place, port: number, { ip, mac }: Held): Flow[] => {
  if (mac === place.mac) return []
  const { cookie, network, iface } = place
  return [
    delivery(place, place.mac, port, { ip, eth_dst: mac }),
    ...(isIpv4(ip) ? [] : [ownAdvertisement({ cookie, network: network.tunnel_key_id }, iface.id, ip, mac)]),
  ]
}

/** What of it is to be known where it is plugged in. In a physical network everyone answers for themselves. */
function here(place: Place, port: number): Flow[] {
  const { network, held, address } = place
  return [
    ...macsOf(place).flatMap((one) => maySend(place, one)),
    ...(address.hasLinkLocal
      ? virtualMacsOf(place).map((mac) =>
          unspecifiedFlow(place, mac, enter(place, mac), onwards(place, '::')),
        )
      : []),
    ...mayRepeat(place),
    ...announcements(place),
    ...(isPhysical(network)
      ? []
      : held.flatMap((one) => [answer(place, one), ...virtuallyHeld(place, port, one)])),
    ...virtualMacsHeld(place).map((virtual) => delivery(place, virtual, port)),
  ]
}

/** What of it is to be known on another datapath that has the network. */
const elsewhereKnown = (place: Place, peerId: number): Flow[] => [
  ...place.held.map((one) => answer(place, one)),
  ...virtualMacsHeld(place).map((eth_dst) =>
    pipeline.flow('destination', {
      cookie: place.cookie,
      priority: 100,
      match: { network: place.network.tunnel_key_id, eth_dst },
      steps: [
        { set: 'eth_dst', to: place.mac },
        { set: 'peer', to: peerId },
      ],
      goto: 'toPeer',
    }),
  ),
]

/** The object is the interface's membership in a network. */
export const allowed: FlowFunction = ({ datapathId, objectId: memberId }, state) => {
  const place = placeOf(state, memberId)
  if (place === undefined) return { flows: [] }
  const { network, iface } = place
  const port = portOn(state, iface.id, datapathId)
  if (port !== undefined)
    return {
      flows: here(place, port),
      children: [{ feature: 'claims', datapathId, objectId: memberId }],
    }
  const peerId = elsewhere(state, iface.id, datapathId)
  const isKnown =
    peerId !== undefined &&
    hasPeers(network) &&
    isActiveOn(state, network.id, datapathId) &&
    linkTo(state, datapathId, peerId, network.id) !== undefined
  return { flows: isKnown ? elsewhereKnown(place, peerId) : [] }
}
