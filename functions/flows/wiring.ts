/** What is behind the ports of a datapath, for who follows a packet on its way. */
import {
  type Beginning,
  type Behind,
  contains,
  type Entrance,
  encapsulations,
  etherType,
  formatIpv4,
  formatIpv6,
  localPort,
  type PacketFields,
  parseIpv6,
  type Row,
  type State,
  type Wiring,
} from 'openvnet'
import { networkDomain, strangerPortsOf } from '../state/domains.ts'
import { tunnelPortName } from '../state/encapsulation.ts'
import { carrierOf, hostInterfacesOn } from '../state/host-interfaces.ts'
import { pipeline } from './pipeline.ts'

const ipv4Type = BigInt(etherType.ipv4)
const arpType = BigInt(etherType.arp)
const ipv6Type = BigInt(etherType.ipv6)
const broadcast = 0xffff_ffff_ffffn
const groupBit = 1n << 40n
const usualTtl = 64n
const usualPorts = { tcp: [40_000n, 80n], udp: [40_000n, 9n] } as const
const usualLength = 98n

const tunnelNames = new Set(encapsulations.map(tunnelPortName))

/** Where an interface is plugged in; undefined: nowhere. */
function entranceOf(state: State, interfaceId: number): Entrance | undefined {
  const [place] = state.activeInterfaces.many('interface', interfaceId)
  if (place === undefined || place.port_number === null) return undefined
  return { datapathId: place.datapath_id, port: place.port_number }
}

const macOf = (state: State, macLeaseId: number | null): bigint | undefined => {
  const lease = macLeaseId === null ? undefined : state.macLeases.get(macLeaseId)
  return lease && BigInt(lease.mac_address)
}

/** The MAC address of the first router interface of a network: the gateway of its machines. */
function gatewayOf(state: State, networkId: number): bigint | undefined {
  for (const lease of state.ipLeases.many('network', networkId)) {
    const holder = lease.interface_id === null ? undefined : state.interfaces.get(lease.interface_id)
    if (holder?.enable_routing && holder.mode === 'simulated') return macOf(state, lease.mac_lease_id)
  }
  return undefined
}

const bytesOf = (address: bigint): Uint8Array => Uint8Array.fromHex(address.toString(16).padStart(32, '0'))

/** An IPv6 address of the state. */
function ipv6Number(text: string | null): bigint | undefined {
  const bytes = text === null ? null : parseIpv6(text)
  return bytes === null ? undefined : BigInt(`0x${bytes.toHex()}`)
}

type IpLease = Row<'ipLeases'>

/** To whom an IPv4 packet of a machine goes first. */
function nextMac(state: State, { network_id }: IpLease, destination: bigint): bigint | undefined {
  const address = Number(destination)
  if (address === 0xffff_ffff) return broadcast
  if (contains(0xe000_0000, 4, address)) return 0x0100_5e00_0000n | (destination & 0x7f_ffffn)
  const network = state.networks.get(network_id)!
  const isHere = contains(network.ipv4_network, network.ipv4_prefix, address)
  const owner = isHere ? state.ipLeases.one('address', network_id, address) : undefined
  return owner === undefined ? gatewayOf(state, network_id) : macOf(state, owner.mac_lease_id)
}

function nextMac6(state: State, { network_id }: IpLease, destination: bigint): bigint | undefined {
  if (destination >> 120n === 0xffn) return 0x3333_0000_0000n | (destination & 0xffff_ffffn)
  const owner = state.ipLeases.one('ipv6Address', network_id, formatIpv6(bytesOf(destination)))
  return owner === undefined ? gatewayOf(state, network_id) : macOf(state, owner.mac_lease_id)
}

class Completion {
  readonly fields: Map<string, bigint>

  constructor(given: PacketFields) {
    this.fields = new Map(given)
  }

  get(name: string): bigint {
    return this.fields.get(name) ?? 0n
  }

  /** Unless it is given. */
  otherwise(name: string, value: bigint | undefined): void {
    if (value !== undefined && !this.fields.has(name)) this.fields.set(name, value)
  }
}

function completeArp(packet: Completion, lease: IpLease | undefined): void {
  packet.otherwise('arp_op', 1n)
  packet.otherwise('arp_sha', packet.get('eth_src'))
  packet.otherwise('arp_spa', lease && BigInt(lease.ipv4_address))
  packet.otherwise('eth_dst', broadcast)
}

function completeIp(packet: Completion): void {
  packet.otherwise('nw_ttl', usualTtl)
  packet.otherwise('pkt_len', usualLength)
  for (const [name, proto] of [
    ['tcp', 6n],
    ['udp', 17n],
  ] as const) {
    if (packet.get('ip_proto') !== proto) continue
    packet.otherwise(`${name}_src`, usualPorts[name][0])
    packet.otherwise(`${name}_dst`, usualPorts[name][1])
  }
}

/** Undefined: all is said. */
function complete(state: State, packet: Completion, leases: readonly IpLease[]): string | undefined {
  const [lease] = leases
  const type = packet.get('eth_type')
  if (type === arpType) completeArp(packet, lease)
  if (type !== ipv4Type && type !== ipv6Type) return undefined
  completeIp(packet)
  const [source, destination] = type === ipv4Type ? ['ipv4_src', 'ipv4_dst'] : ['ipv6_src', 'ipv6_dst']
  if (!packet.fields.has(destination!)) return `${destination} is missing: where does it go to?`
  if (type === ipv4Type) packet.otherwise(source!, lease && BigInt(lease.ipv4_address))
  else
    packet.otherwise(
      source!,
      leases.map(({ ipv6_address }) => ipv6Number(ipv6_address)).find((one) => one !== undefined),
    )
  if (packet.fields.has('eth_dst')) return undefined
  const to = lease && (type === ipv4Type ? nextMac : nextMac6)(state, lease, packet.get(destination!))
  if (to === undefined)
    return 'nobody in its network has the address, and there is no router: say eth_dst, if that is what you mean'
  packet.otherwise('eth_dst', to)
  return undefined
}

function begin(state: State, interfaceUuid: string, given: PacketFields): Beginning {
  const iface = state.interfaces.one('uuid', interfaceUuid)
  if (iface === undefined) return { problem: `there is no interface ${interfaceUuid}` }
  const place = entranceOf(state, iface.id)
  // What the host behind a physical port says comes by the bridge's own port.
  const entrance = place && iface.mode === 'host' ? { ...place, port: localPort } : place
  if (entrance === undefined)
    return { problem: `${interfaceUuid} is plugged in nowhere, so nothing comes from it` }
  const packet = new Completion(given)
  const [mac] = state.macLeases.many('interface', iface.id)
  packet.otherwise('eth_src', mac && BigInt(mac.mac_address))
  const leases = mac === undefined ? [] : state.ipLeases.many('macLease', mac.id)
  const problem = complete(state, packet, leases)
  return problem === undefined ? { entrance, fields: packet.fields } : { problem }
}

/** Datapaths that a frame to this MAC address, of one machine, may be for; undefined: any of them. */
function havingMac(state: State, network: Row<'networks'>, mac: number): ReadonlySet<number> | undefined {
  const leases = state.macLeases.many('macAddress', mac)
  const ifaces = leases.flatMap(({ interface_id }) => state.interfaces.get(interface_id ?? 0) ?? [])
  const places = [
    ...state.datapathNetworks.many('macAddress', mac),
    ...state.datapathSegments.many('macAddress', mac),
    ...ifaces.flatMap(({ id }) => state.activeInterfaces.many('interface', id)),
  ]
  if (places.length > 0) return new Set(places.map(({ datapath_id }) => datapath_id))
  // Simulated interfaces are wherever their networks are.
  if (ifaces.some(({ mode }) => mode === 'simulated')) return undefined
  const strangers = strangerPortsOf(state, networkDomain(network))
  return new Set(strangers.map(({ datapathId }) => datapathId))
}

/** The next hop that a router of ours sent it to, where that is not where it goes to. */
function nextHopOf(state: State, packet: PacketFields): string | undefined {
  const [register] = pipeline.registers.nextHop.bits
  const hop = packet.get(`reg${register}`) ?? 0n
  if (hop === 0n || hop === packet.get('ipv4_dst')) return undefined
  return packet.get('eth_type') === ipv6Type
    ? (state.routes.get(Number(hop))?.ipv6_gateway ?? undefined)
    : formatIpv4(Number(hop))
}

function onWire(
  state: State,
  datapathId: number,
  networkId: number | undefined,
  packet: PacketFields,
): Behind {
  const network = networkId === undefined ? undefined : state.networks.get(networkId)
  if (network === undefined) return { kind: 'wire', network: null, to: [] }
  const mac = packet.get('eth_dst') ?? 0n
  const having = (mac & groupBit) === 0n ? havingMac(state, network, Number(mac)) : undefined
  const to: Entrance[] = []
  for (const { id } of state.datapaths.all()) {
    if (id === datapathId || (having !== undefined && !having.has(id))) continue
    const carrier = carrierOf(state, id, network.id)
    if (carrier !== undefined) to.push({ datapathId: id, port: carrier.port })
  }
  const nextHop = nextHopOf(state, packet)
  return { kind: 'wire', network: network.uuid, to, ...(nextHop === undefined ? {} : { nextHop }) }
}

const unheard = 'the host hears it, and does not take it: it is for another MAC address'

/** The host takes what is for its own addresses, or for those of interfaces that it has there; and what is for everyone. */
function ofHost(state: State, datapathId: number, internal: readonly number[], packet: PacketFields): Behind {
  const hosts = hostInterfacesOn(state, datapathId).map(({ interfaceId }) => interfaceId)
  const leases = [...internal, ...hosts].flatMap((id) => state.macLeases.many('interface', id))
  const mac = packet.get('eth_dst') ?? 0n
  const isForOne = (mac & groupBit) === 0n && leases.length > 0
  const owner = leases.find(({ mac_address }) => BigInt(mac_address) === mac)?.interface_id ?? undefined
  if (isForOne && owner === undefined) return { kind: 'nobody', because: unheard }
  const id = owner ?? internal[0] ?? hosts[0]
  const uuid = id === undefined ? undefined : state.interfaces.get(id)?.uuid
  return uuid !== undefined && internal.includes(id!)
    ? { kind: 'interface', uuid }
    : { kind: 'host', uuid: uuid ?? null }
}

/** Out of a tunnel port: to the datapath that has the outer address. */
function throughTunnel(state: State, portName: string, packet: PacketFields): Behind {
  const address = Number(packet.get('tun_dst') ?? 0n)
  const to: Entrance[] = []
  for (const { id } of state.interfaces.many('mode', 'host'))
    for (const lease of state.ipLeases.many('interface', id)) {
      const place = lease.ipv4_address === address ? entranceOf(state, id) : undefined
      const port = place && state.activePorts.one('name', place.datapathId, portName)?.port_number
      if (place === undefined || port === undefined) continue
      const fields = ['tunnel_id', 'tun_src', 'tun_dst'].map(
        (name) => [name, packet.get(name) ?? 0n] as const,
      )
      to.push({ datapathId: place.datapathId, port, fields: new Map(fields) })
    }
  return { kind: 'tunnel', to }
}

function behind(state: State, datapathId: number, port: number, packet: PacketFields): Behind {
  const row = state.activePorts.one('number', datapathId, port)
  if (row !== undefined && tunnelNames.has(row.port_name)) return throughTunnel(state, row.port_name, packet)
  const ids = state.activeInterfaces
    .many('datapath', datapathId)
    .flatMap(({ interface_id, port_number }) => (port_number === port ? [interface_id] : []))
  if (port === localPort) return ofHost(state, datapathId, ids, packet)
  const iface = ids[0] === undefined ? undefined : state.interfaces.get(ids[0])
  if (iface === undefined) return { kind: 'nobody', because: 'the state knows nobody at this port' }
  if (iface.mode !== 'host') return { kind: 'interface', uuid: iface.uuid }
  const carrier = hostInterfacesOn(state, datapathId).find(({ interfaceId }) => interfaceId === iface.id)
  return onWire(state, datapathId, carrier?.network?.id, packet)
}

export const wiring: Wiring = { begin, behind }
