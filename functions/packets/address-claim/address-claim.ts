/**
 * ARP, or a neighbour advertisement, of a machine that says that it has an address that it may have: from now on it is known
 * to be there, to all that ask for it and to routers. Whoever had it before has it no more; the packet itself has gone on.
 */
import {
  type Draft,
  drop,
  etherType,
  type PacketIn,
  packetIn,
  parseAdvertisement,
  parseArp,
  parseEthernet,
  parseIpv6Header,
  type Row,
  type State,
} from 'openvnet'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import {
  claimableIn,
  heldAddressesMax,
  holderOf,
  isVirtualRouterMac,
  leaseOf,
  mayHold,
} from '../../state/allowed-addresses.ts'
import { contains, type IpAddress, isIpv4 } from '../../state/prefixes.ts'

interface Said {
  readonly address: IpAddress
  readonly mac: number
}
interface Claim extends Said {
  readonly network: Row<'networks'>
  readonly interfaceId: number
}

/** What it says; null: nothing of the kind. An advertisement is about its source, which was checked. */
function saidIn(packet: PacketIn): Said | null {
  const frame = packet.frame()
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const ethernet = parseEthernet(view)
  if (ethernet === null) return null
  if (ethernet.type === etherType.ipv6) {
    const ip = parseIpv6Header(view, ethernet.payload)
    const isOne = ip !== null && parseAdvertisement(view, ip) !== null
    return isOne ? { address: ip.source, mac: ethernet.source } : null
  }
  const arp = parseArp(view, ethernet.payload)
  return arp && { address: arp.senderIpv4, mac: arp.senderMac }
}

/** Why it is not believed; null: it is. What the state gives to somebody is theirs. */
function objectionTo(state: State, { network, interfaceId, address, mac }: Claim): string | null {
  const allowed = state.allowedAddresses.many('interface', interfaceId)
  if (!mayHold(state, interfaceId, address, mac)) return 'not-allowed'
  if (!allowed.some((one) => claimableIn(network, one).some((prefix) => contains(prefix, address))))
    return 'not-of-the-network'
  if (leaseOf(state, network.id, address) !== undefined) return 'leased'
  if (state.addressHolders.many('interface', interfaceId).length >= heldAddressesMax) return 'too-many'
  return null
}

/** A virtual router's MAC address is in one place of a network, with all that is had under it. */
function give(draft: Draft, { network, interfaceId, address, mac }: Claim): void {
  if (isVirtualRouterMac(mac))
    for (const other of [...draft.addressHolders.many('mac', network.id, mac)])
      if (other.interface_id !== interfaceId) draft.addressHolders.delete(other.id)
  const held = holderOf(draft, network.id, address)
  const values = { interface_id: interfaceId, mac_address: mac }
  if (held !== undefined) draft.addressHolders.update(held.id, values)
  else
    draft.addressHolders.insert({
      network_id: network.id,
      ...(isIpv4(address) ? { ipv4_address: address } : { ipv6_address: address }),
      ...values,
    })
}

export default packetIn({
  name: 'address-claim',
  from: puntPoints.addressClaim,
  handle(packet, env) {
    const said = saidIn(packet)
    if (said === null) return drop('no-claim')
    const { state } = env
    const network = state.networks.one('tunnelKey', pipeline.read(packet, 'network'))
    if (network === undefined) return drop('no-network')
    const claim = { network, interfaceId: packet.objectId, ...said }
    const held = holderOf(state, network.id, claim.address)
    if (held?.interface_id === claim.interfaceId && held.mac_address === claim.mac) return drop('known')
    const objection = objectionTo(state, claim)
    if (objection !== null) return drop(objection)
    give(env.draft(), claim)
    return undefined
  },
})
