/**
 * Addresses beyond its leases that an interface may have: it may send from them, and those of its network are found where
 * the interface is that said last, by ARP, that it has them. A virtual router's MAC address is not unique: frames from it
 * go on under the interface's own, frames to it get there under that and get the other one back at the port. In a physical
 * network there is one of each, and it stays.
 */
import { cookieOf, type Flow, type FlowFunction, maskOf, type Row, type State } from 'openvnet'
import { type AllowedAddress, type Holder, heldIn } from '../../state/allowed-addresses.ts'
import { isFiltered } from '../../state/filtering.ts'
import { hasPeers, isActiveOn, isPhysical, type Network } from '../../state/networks.ts'
import { claimMeter } from '../meters.ts'
import { features, pipeline, puntPoints } from '../pipeline.ts'
import { elsewhere, homeIn, portOn } from '../places.ts'
import { prefixKey, prefixMatch } from '../routers/hops.ts'
import { linkTo } from '../underlay.ts'
import { answerArp } from './arp.ts'
import { delivery } from './local-member.ts'

const ipv4 = 0x0800
const arp = 0x0806

/** An interface in the network of its first address: what is allowed is allowed there. */
interface Place {
  readonly network: Network
  readonly iface: Row<'interfaces'>
  readonly cookie: bigint
  /** The interface's own. */
  readonly mac: number
  /** Its leases in the network. */
  readonly ips: readonly number[]
  readonly allowed: readonly AllowedAddress[]
  readonly held: readonly Holder[]
}

/** The object is the interface's membership in a network. */
function placeOf(state: State, memberId: number): Place | undefined {
  const member = state.interfaceNetworks.get(memberId)
  const network = member && state.networks.get(member.network_id)
  const iface = member && state.interfaces.get(member.interface_id)
  if (network === undefined || iface === undefined) return undefined
  const address = homeIn(state, iface.id, network.id)
  if (address === undefined) return undefined
  return {
    ...{ network, iface, cookie: cookieOf(features.allowed, memberId) },
    ...{ mac: address.mac.mac_address, ips: address.ips },
    allowed: state.allowedAddresses.many('interface', iface.id),
    held: heldIn(state, iface.id, network.id, address.mac.mac_address),
  }
}

/** Under which MAC addresses it may have allowed addresses: its own, and those of virtual routers. */
const macsOf = ({ mac, allowed }: Place) => [
  ...new Set([mac, ...allowed.flatMap(({ mac_address }) => mac_address ?? [])]),
]

/** What it may have under one of them; each prefix once. */
const allowedUnder = ({ mac, allowed }: Place, under: number): AllowedAddress[] => [
  ...new Map(
    allowed
      .filter(({ mac_address }) => under === mac || mac_address === under)
      .map((one) => [prefixKey(one), one] as const),
  ).values(),
]

/** Into the network, under its own MAC address. */
const enter = ({ mac, network }: Place, eth_src: number) => [
  ...(eth_src === mac || isPhysical(network) ? [] : [{ set: 'eth_src', to: mac } as const]),
  { set: 'network', to: network.tunnel_key_id } as const,
]

/** IPv4 from allowed addresses; and from its leases under a virtual router's MAC address, as it advertises itself. */
function maySend(place: Place, eth_src: number): Flow[] {
  const { cookie, iface, mac } = place
  const leases = eth_src === mac ? [] : place.ips.map((ip) => ({ ipv4_network: ip, ipv4_prefix: 32 }))
  const sources = new Map(
    [...leases, ...allowedUnder(place, eth_src)].map((one) => [prefixKey(one), one] as const),
  )
  return [...sources.values()].map((source) =>
    pipeline.flow('antiSpoof', {
      cookie,
      priority: 95,
      match: { inInterface: iface.id, eth_src, eth_type: ipv4, ...prefixMatch('ipv4_src', source) },
      steps: enter(place, eth_src),
      goto: isFiltered(iface) ? 'fromInterface' : 'service',
    }),
  )
}

/** What it says by ARP of an address that it has. */
const mayRepeat = (place: Place): Flow[] =>
  place.held.map(({ ipv4_address: arp_spa, mac_address: mac }) =>
    pipeline.flow('antiSpoof', {
      cookie: place.cookie,
      priority: 98,
      match: { inInterface: place.iface.id, eth_src: mac, arp_sha: mac, arp_spa },
      steps: enter(place, mac),
      goto: place.iface.enable_filtering ? 'fromInterface' : 'arp',
    }),
  )

/** Allowed addresses that are of the network: of others nobody there is told by ARP. */
const isOf = (network: Network, { ipv4_network, ipv4_prefix }: AllowedAddress) => {
  const mask = maskOf(Math.min(ipv4_prefix, network.ipv4_prefix))
  return (ipv4_network & mask) >>> 0 === (network.ipv4_network & mask) >>> 0
}

/** What it says by ARP of others that it may have: from then on it has them. */
const mayClaim = (place: Place, eth_src: number, meterId: number): Flow[] =>
  allowedUnder(place, eth_src)
    .filter((allowed) => isOf(place.network, allowed))
    .map((allowed) =>
      pipeline.flow('antiSpoof', {
        cookie: cookieOf(puntPoints.addressClaim, place.iface.id),
        priority: 95,
        match: {
          ...{ inInterface: place.iface.id, eth_src, arp_sha: eth_src, eth_type: arp },
          ...prefixMatch('arp_spa', allowed),
        },
        steps: [...enter(place, eth_src), { punt: { meterId } }],
        goto: place.iface.enable_filtering ? 'fromInterface' : 'arp',
      }),
    )

/** Who says that it has an address by asking for it is heard by all, and is not told who has had it. */
const announcements = (place: Place): Flow[] =>
  allowedUnder(place, place.mac)
    .filter((allowed) => isOf(place.network, allowed))
    .map((allowed) =>
      pipeline.flow('arp', {
        cookie: place.cookie,
        priority: 112,
        match: {
          ...{ network: place.network.tunnel_key_id, inInterface: place.iface.id, eth_type: arp },
          ...prefixMatch('arp_spa', allowed),
          ...prefixMatch('arp_tpa', allowed),
        },
        goto: 'destination',
      }),
    )

/** Held addresses of virtual routers' MAC addresses, each of those once. */
const virtualMacs = ({ held, mac }: Place) => [
  ...new Set(held.flatMap(({ mac_address }) => (mac_address === mac ? [] : mac_address))),
]

/** What of it is to be known where it is plugged in. In a physical network everyone answers for themselves. */
function here(place: Place, port: number): Flow[] {
  const { network, cookie, held, mac } = place
  const key = network.tunnel_key_id
  return [
    ...macsOf(place).flatMap((one) => maySend(place, one)),
    ...mayRepeat(place),
    ...announcements(place),
    ...(isPhysical(network)
      ? []
      : held.flatMap(({ ipv4_address: ip, mac_address }) => [
          answerArp(cookie, { network: key }, ip, mac_address),
          ...(mac_address === mac
            ? []
            : [delivery(place, mac, port, { ipv4_dst: ip, eth_dst: mac_address })]),
        ])),
    ...virtualMacs(place).map((virtual) => delivery(place, virtual, port)),
  ]
}

/** What of it is to be known on another datapath that has the network. */
const elsewhereKnown = (place: Place, peerId: number): Flow[] => [
  ...place.held.map(({ ipv4_address, mac_address }) =>
    answerArp(place.cookie, { network: place.network.tunnel_key_id }, ipv4_address, mac_address),
  ),
  ...virtualMacs(place).map((eth_dst) =>
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

/** The object is the interface's membership in a network. */
export const claims: FlowFunction = ({ datapathId, objectId: memberId }, state) => {
  const place = placeOf(state, memberId)
  const port = place && portOn(state, place.iface.id, datapathId)
  if (place === undefined || port === undefined) return { flows: [] }
  const meter = claimMeter(port)
  return {
    meters: [meter],
    flows: macsOf(place).flatMap((mac) => mayClaim(place, mac, meter.meter_id)),
  }
}
