/** Who asks whom: a machine of a network, and the simulated interface that it asks. */
import {
  buildUdpFrame,
  type PacketIn,
  parseEthernet,
  parseIpv4Header,
  parseUdp,
  type Row,
  type State,
} from 'openvnet'
import { networkKeyOf } from '../../flows/pipeline.ts'

const replyTtl = 64

/** All that an answer needs, as a value that can be carried on. */
export interface Client {
  readonly networkId: number
  readonly interfaceId: number
  readonly mac: number
  readonly address: number
  readonly port: number
  /** The interface that was asked. */
  readonly serverId: number
  readonly serverMac: number
  readonly serverAddress: number
  readonly serverPort: number
}

export interface Asked {
  readonly client: Client
  readonly network: Row<'networks'>
  readonly view: DataView
  /** Where the message begins and ends. */
  readonly start: number
  readonly end: number
}

const ownerOf = (state: State, networkId: number, address: number) =>
  state.ipLeases.one('address', networkId, address)?.interface_id ?? undefined

/** Whether the interface still has the address in the network. */
export const isStillThere = (state: State, { networkId, interfaceId, address }: Client) =>
  ownerOf(state, networkId, address) === interfaceId

/** Reads a punted packet up to the DNS message; undefined where it is none to a simulated interface of its network. */
export function readAsked(packet: PacketIn, state: State): Asked | undefined {
  const view = new DataView(packet.bytes.buffer, packet.bytes.byteOffset + packet.frameOffset, packet.length)
  const ethernet = parseEthernet(view)
  const ip = ethernet && parseIpv4Header(view, ethernet.payload)
  const udp = ip && !ip.moreFragments ? parseUdp(view, ip) : null
  const network = state.networks.one('tunnelKey', networkKeyOf(packet))
  if (ethernet === null || !ip || udp === null || network === undefined) return undefined
  const serverId = ownerOf(state, network.id, ip.destination)
  if (serverId === undefined || state.interfaces.get(serverId)?.mode !== 'simulated') return undefined
  const client = {
    networkId: network.id,
    interfaceId: packet.objectId,
    mac: ethernet.source,
    address: ip.source,
    port: udp.sourcePort,
    serverId,
    serverMac: ethernet.destination,
    serverAddress: ip.destination,
    serverPort: udp.destinationPort,
  }
  if (!isStillThere(state, client)) return undefined
  return { client, network, view, start: udp.payload, end: udp.end }
}

/** The whole frame of an answer. */
export const answerFrame = (client: Client, message: Uint8Array): Uint8Array =>
  buildUdpFrame(
    {
      ethernet: { source: client.serverMac, destination: client.mac },
      ip: { source: client.serverAddress, destination: client.address, ttl: replyTtl },
      sourcePort: client.serverPort,
      destinationPort: client.port,
    },
    message,
  )
