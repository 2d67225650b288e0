/**
 * ARP of a machine that says that it has an address that it may have: from now on it is known to be there, to all that ask
 * for it and to routers. Whoever had it before has it no more; the packet itself has gone on.
 */
import { type Draft, drop, maskOf, packetIn, parseArp, parseEthernet, type Row, type State } from 'openvnet'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import { heldAddressesMax, isVirtualRouterMac, mayHold } from '../../state/allowed-addresses.ts'

interface Claim {
  readonly network: Row<'networks'>
  readonly interfaceId: number
  readonly address: number
  readonly mac: number
}

/** Why it is not believed; null: it is. What the state gives to somebody is theirs. */
function objectionTo(state: State, { network, interfaceId, address, mac }: Claim): string | null {
  const mask = maskOf(network.ipv4_prefix)
  if ((address & mask) >>> 0 !== (network.ipv4_network & mask) >>> 0) return 'not-of-the-network'
  if (!mayHold(state, interfaceId, address, mac)) return 'not-allowed'
  if (state.ipLeases.one('address', network.id, address) !== undefined) return 'leased'
  if (state.addressHolders.many('interface', interfaceId).length >= heldAddressesMax) return 'too-many'
  return null
}

/** A virtual router's MAC address is in one place of a network, with all that is had under it. */
function give(draft: Draft, { network, interfaceId, address, mac }: Claim): void {
  if (isVirtualRouterMac(mac))
    for (const other of [...draft.addressHolders.many('mac', network.id, mac)])
      if (other.interface_id !== interfaceId) draft.addressHolders.delete(other.id)
  const held = draft.addressHolders.one('address', network.id, address)
  const values = { interface_id: interfaceId, mac_address: mac }
  if (held === undefined)
    draft.addressHolders.insert({ network_id: network.id, ipv4_address: address, ...values })
  else draft.addressHolders.update(held.id, values)
}

export default packetIn({
  name: 'address-claim',
  from: puntPoints.addressClaim,
  handle(packet, env) {
    const frame = packet.frame()
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
    const ethernet = parseEthernet(view)
    const arp = ethernet && parseArp(view, ethernet.payload)
    if (arp === null) return drop('no-arp')
    const { state } = env
    const network = state.networks.one('tunnelKey', pipeline.read(packet, 'network'))
    if (network === undefined) return drop('no-network')
    const claim = { network, interfaceId: packet.objectId, address: arp.senderIpv4, mac: arp.senderMac }
    const held = state.addressHolders.one('address', network.id, claim.address)
    if (held?.interface_id === claim.interfaceId && held.mac_address === claim.mac) return drop('known')
    const objection = objectionTo(state, claim)
    if (objection !== null) return drop(objection)
    give(env.draft(), claim)
    return undefined
  },
})
