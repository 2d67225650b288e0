/** Who asks whom: a machine of a network, and the simulated interface that it asks. */
import {
  answerLengthMax,
  buildUdpFrame,
  type DnsQuery,
  dnsPort,
  dnsTcpLengthMax,
  type IpAddress,
  type PacketIn,
  parseEthernet,
  parseIpv4Header,
  parseIpv6Header,
  parseTcp,
  parseUdp,
  plainDnsLengthMax,
  type Row,
  type State,
  type Tcp,
  type Udp,
} from 'openvnet'
import { pipeline } from '../../flows/pipeline.ts'
import { ipv6OwnerOf } from '../../state/ipv6.ts'
import { senderBehind } from '../../state/vlans.ts'
import { segmentsOf } from './tcp.ts'

const replyTtl = 64

/** All that an answer needs, as a value that can be carried on. */
export interface Client {
  readonly networkId: number
  readonly interfaceId: number
  /** Where it is plugged in: itself, or the port to the legacy switch that it is behind. */
  readonly portInterfaceId: number
  /** The VLAN of such a port, or null. */
  readonly vlan: number | null
  readonly mac: number
  readonly address: IpAddress
  readonly port: number
  /** The interface that was asked. */
  readonly serverId: number
  readonly serverMac: number
  readonly serverAddress: IpAddress
  readonly serverPort: number
  /** Where the answer goes on in the connection; null: it is a datagram. */
  readonly tcp: {
    readonly sequence: number
    readonly acknowledgement: number
    /** How much the client takes at once, in bytes. */
    readonly window: number
  } | null
}

export interface Asked {
  readonly client: Client
  readonly network: Row<'networks'>
  readonly view: DataView
  /** The datagram that the message is in, or a segment of a connection. */
  readonly udp: Udp | null
  readonly tcp: Tcp | null
}

const ownerOf = (state: State, networkId: number, address: IpAddress) =>
  typeof address === 'string'
    ? ipv6OwnerOf(state, networkId, address)
    : (state.ipLeases.one('address', networkId, address)?.interface_id ?? undefined)

/** Whether the interface still has the address in the network. */
export const isStillThere = (state: State, { networkId, interfaceId, address }: Client) =>
  ownerOf(state, networkId, address) === interfaceId

/** Reads a punted packet up to the transport; undefined where it is none to a simulated interface of its network. */
export function readAsked(packet: PacketIn, state: State): Asked | undefined {
  const frame = packet.frame()
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const ethernet = parseEthernet(view)
  const ip = ethernet && (parseIpv4Header(view, ethernet.payload) ?? parseIpv6Header(view, ethernet.payload))
  const udp = ip && !ip.moreFragments ? parseUdp(view, ip) : null
  const tcp = ip && !ip.moreFragments ? parseTcp(view, ip) : null
  const ports = udp ?? tcp
  const network = state.networks.one('tunnelKey', pipeline.read(packet, 'network'))
  if (ethernet === null || !ip || ports?.destinationPort !== dnsPort || network === undefined)
    return undefined
  const serverId = ownerOf(state, network.id, ip.destination)
  if (serverId === undefined || state.interfaces.get(serverId)?.mode !== 'simulated') return undefined
  const client = {
    networkId: network.id,
    interfaceId: senderBehind(state, packet.objectId, ethernet.source) ?? packet.objectId,
    portInterfaceId: packet.objectId,
    vlan: ethernet.vlan,
    mac: ethernet.source,
    address: ip.source,
    port: ports.sourcePort,
    serverId,
    serverMac: ethernet.destination,
    serverAddress: ip.destination,
    serverPort: ports.destinationPort,
    tcp: null,
  }
  if (!isStillThere(state, client)) return undefined
  return { client, network, view, udp, tcp }
}

/** How long an answer may be, in bytes. */
export const lengthMaxOf = ({ tcp }: Client, query: DnsQuery): number =>
  tcp === null ? answerLengthMax(query) : Math.max(Math.min(dnsTcpLengthMax, tcp.window), plainDnsLengthMax)

/** The whole frames of an answer. */
export const answerFrames = (client: Client, message: Uint8Array): readonly Uint8Array[] =>
  client.tcp === null ? [datagramOf(client, message)] : segmentsOf(client, message)

const datagramOf = (client: Client, message: Uint8Array): Uint8Array =>
  buildUdpFrame(
    {
      ethernet: { source: client.serverMac, destination: client.mac },
      ip: { source: client.serverAddress, destination: client.address, ttl: replyTtl },
      sourcePort: client.serverPort,
      destinationPort: client.port,
    },
    message,
  )
