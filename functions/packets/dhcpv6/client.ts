/** Who asks: the interface by its port, its MAC as the flows have let it through, the network that they have put it in. */
import {
  type Dhcpv6,
  dhcpv6ServerPort,
  type PacketIn,
  type Problem,
  parseDhcpv6,
  parseEthernet,
  parseIpv6Header,
  parseUdp,
  type Row,
  type State,
} from 'openvnet'
import { pipeline } from '../../flows/pipeline.ts'
import { dhcpv6ServerOf, leasedTo, type Speaker } from '../../state/ipv6.ts'
import type { Network } from '../../state/networks.ts'
import { maySendAs } from '../../state/vlans.ts'

export interface Client {
  readonly message: Dhcpv6
  readonly mac: number
  /** Its link-local address, which the answer goes to. */
  readonly address: string
  readonly port: number
  readonly network: Network
  readonly server: Speaker
  /** The addresses that are leased to it, the oldest first. */
  readonly leases: readonly Row<'ipLeases'>[]
}

/** What a client has in its network. */
export function leasesOf({ mac, network }: Pick<Client, 'mac' | 'network'>, state: State): Client['leases'] {
  const leased = state.macLeases.one('macAddress', mac)
  return leased === undefined ? [] : leasedTo(state, leased, network.id)
}

/** The client of a punted packet, or why it is none. */
export function readClient(
  packet: PacketIn,
  state: State,
): Client | { readonly ignore: string; readonly problem?: Problem } {
  const frame = packet.frame()
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const ethernet = parseEthernet(view)
  const ip = ethernet && parseIpv6Header(view, ethernet.payload)
  const udp = ip && parseUdp(view, ip)
  if (ethernet === null || !ip || !udp || udp.destinationPort !== dhcpv6ServerPort)
    return { ignore: 'not-dhcp' }
  const message = parseDhcpv6(view, udp.payload, udp.end)
  if (!message.ok) return { ignore: 'malformed', problem: message.problem }
  const network = state.networks.one('tunnelKey', pipeline.read(packet, 'network'))
  const server = network && dhcpv6ServerOf(state, network)
  if (network === undefined || server === undefined) return { ignore: 'no-service' }
  const { source: mac } = ethernet
  if (!maySendAs(state, packet.objectId, mac)) return { ignore: 'no-lease' }
  return {
    message: message.value,
    mac,
    address: ip.source,
    port: udp.sourcePort,
    network,
    server,
    leases: leasesOf({ mac, network }, state),
  }
}
