/** What machines are told of their network's IPv6: its prefix, its router, and where else to ask (RFC 4861, 4.2). */
import {
  allNodesIpv6,
  buildRouterAdvertisement,
  ipv6BytesOf,
  ipv6GroupMac,
  type Row,
  type State,
} from 'openvnet'
import { mtuOf } from './encapsulation.ts'
import {
  advertiserOf,
  dhcpv6ServerOf,
  ipv6DnsServersOf,
  ipv6RouterOf,
  isAutonomousNetwork,
  leasedTo,
  ownIpv6Of,
} from './ipv6.ts'
import type { Network } from './networks.ts'

/**
 * How long a router is one without being heard of again, in seconds: as long as can be said (RFC 8319, 4), since the
 * network outlives its controller, and so must the way out of it.
 */
const routerLifetimeS = 65_535

/**
 * Whether the machine may make its address by itself: it would make exactly the one that is leased to it. Machines that
 * nobody has described choose theirs.
 */
function isAutonomous(state: State, network: Network, mac: Row<'macLeases'> | undefined): boolean {
  if (mac === undefined) return isAutonomousNetwork(network)
  const own = ownIpv6Of(network, mac.mac_address)
  return own !== null && leasedTo(state, mac, network.id).some(({ ipv6_address }) => ipv6_address === own)
}

/**
 * A whole frame for one machine; undefined: nobody in the network advertises.
 * @param mac undefined: nobody has described it
 * @param destination where it is sent to; all of its port where it has no address yet
 */
export function advertisementTo(
  state: State,
  network: Network,
  mac: Row<'macLeases'> | undefined,
  destination: { readonly mac: number; readonly address: string } | undefined,
): Uint8Array | undefined {
  const advertiser = advertiserOf(state, network)
  if (advertiser === undefined || network.ipv6_network === null || network.ipv6_prefix === null)
    return undefined
  const isRouted = ipv6RouterOf(state, network) !== undefined
  const hasOther = dhcpv6ServerOf(state, network) !== undefined
  return buildRouterAdvertisement(
    {
      ethernet: {
        source: advertiser.mac,
        destination: destination?.mac ?? ipv6GroupMac(ipv6BytesOf(allNodesIpv6)),
      },
      source: advertiser.linkLocal,
      destination: destination?.address ?? allNodesIpv6,
    },
    {
      mac: advertiser.mac,
      lifetimeS: isRouted ? routerLifetimeS : 0,
      isManaged: hasOther && mac !== undefined,
      hasOther,
      mtu: mtuOf(network),
      prefixes: [
        {
          network: network.ipv6_network,
          prefix: network.ipv6_prefix,
          isAutonomous: isAutonomous(state, network, mac),
        },
      ],
      dnsServers: ipv6DnsServersOf(state, network),
      dnsLifetimeS: routerLifetimeS,
    },
  )
}
