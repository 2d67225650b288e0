/** What interfaces say, by ARP or neighbour discovery, of addresses that they may have: from then on they have them. */
import { cookieOf, etherType, type Flow, type FlowFunction, icmpv6Type } from 'openvnet'
import { isIpv4, only, type Prefix } from '../../state/prefixes.ts'
import { claimMeter } from '../meters.ts'
import { pipeline, puntPoints } from '../pipeline.ts'
import { portOn } from '../places.ts'
import { matchOf } from '../prefix-match.ts'
import { claimableUnder, enter, macsOf, onwards, type Place, placeOf } from './allowed-place.ts'

const { neighbourAdvertisement, neighbourSolicitation } = icmpv6Type

/** Of these addresses under a MAC address. */
function saying(place: Place, eth_src: number, prefix: Prefix) {
  const { id, enable_filtering } = place.iface
  const match = { inInterface: id, eth_src }
  if (!isIpv4(prefix.network))
    return {
      match: { ...match, icmpv6_type: neighbourAdvertisement, ...matchOf('source', prefix) },
      goto: onwards(place, prefix.network),
    }
  const { ipv4_src } = matchOf('source', prefix)
  return {
    match: {
      ...{ ...match, arp_sha: eth_src, eth_type: etherType.arp },
      ...(ipv4_src === undefined ? {} : { arp_spa: ipv4_src }),
    },
    goto: enable_filtering ? ('fromInterface' as const) : ('arp' as const),
  }
}

/** What it says of an address that it has. */
export const mayRepeat = (place: Place): Flow[] =>
  place.held.map(({ ip, mac }) =>
    pipeline.flow('antiSpoof', {
      ...{ cookie: place.cookie, priority: 99 },
      ...saying(place, mac, only(ip)),
      steps: enter(place, mac),
    }),
  )

/** What it says of others that it may have: a copy makes it so. */
const mayClaim = (place: Place, eth_src: number, meterId: number): Flow[] =>
  claimableUnder(place, eth_src).map((prefix) => {
    const [network, ...others] = enter(place, eth_src)
    return pipeline.flow('antiSpoof', {
      ...{ cookie: cookieOf(puntPoints.addressClaim, place.iface.id), priority: 98 },
      ...saying(place, eth_src, prefix),
      steps: [network!, { punt: { meterId } }, ...others],
    })
  })

/**
 * Who says that it has an address by asking for it is heard by all, and is not told who has had it. In IPv6 that is the
 * question whether an address is free: whoever has it must answer by itself, and one that is dead does not.
 */
export const announcements = (place: Place): Flow[] =>
  claimableUnder(place, place.mac).map((prefix) => {
    const from = { network: place.network.tunnel_key_id, inInterface: place.iface.id }
    const head = { cookie: place.cookie, priority: 112 }
    const { ipv4_src, ipv6_src } = matchOf('source', prefix)
    if (!isIpv4(prefix.network))
      return pipeline.flow('solicitation', {
        ...head,
        match: {
          ...from,
          ...{ probe: 'yes', icmpv6_type: neighbourSolicitation },
          ...(ipv6_src === undefined ? {} : { ipv6_nd_target: ipv6_src }),
        },
        goto: 'service',
      })
    const part = ipv4_src === undefined ? {} : { arp_spa: ipv4_src, arp_tpa: ipv4_src }
    return pipeline.flow('arp', {
      ...head,
      match: { ...from, eth_type: etherType.arp, ...part },
      goto: 'destination',
    })
  })

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
