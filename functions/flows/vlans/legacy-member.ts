/**
 * A legacy machine that the state knows: an interface of the network without a port, which has leases. It is behind a port to
 * a legacy switch, or a promiscuous one, and may send under its addresses from there; nobody else may.
 */
import type { Flow, State } from 'openvnet'
import { networkDomain, type StrangerPort, strangerPortsOf } from '../../state/domains.ts'
import { isPhysical, liesOn, type Network } from '../../state/networks.ts'
import { isLegacyMachine } from '../../state/vlans.ts'
import { shortPort } from '../meters.ts'
import type { MemberContext } from '../networks/member-context.ts'
import { pipeline } from '../pipeline.ts'
import type { Address } from '../places.ts'
import { addressOf, lookUpSender, ownAddress } from '../segments/learning.ts'

/** The port that a legacy machine is behind, if that is certain: of several, the switches learn it. */
export function portOfLegacy(state: State, network: Network, interfaceId: number): StrangerPort | undefined {
  if (!isLegacyMachine(state, interfaceId)) return undefined
  const ports = isPhysical(network) || liesOn(network) ? [] : strangerPortsOf(state, networkDomain(network))
  return ports.length === 1 ? ports[0] : undefined
}

/** The way there: out of the port, or to the datapath that has it. */
export function legacyMember({
  state,
  datapathId,
  network,
  iface,
  cookie,
  addresses,
}: MemberContext): Flow[] {
  const port = portOfLegacy(state, network, iface.id)
  if (port === undefined) return []
  return addresses().map(({ mac }) => {
    const head = {
      cookie,
      priority: 100,
      match: { network: network.tunnel_key_id, eth_dst: mac.mac_address },
    }
    return port.datapathId === datapathId
      ? pipeline.flow('destination', {
          ...head,
          steps: [
            { set: 'outInterface', to: port.interfaceId },
            { set: 'outPort', to: shortPort(port.port) },
          ],
          goto: 'output',
        })
      : pipeline.flow('destination', {
          ...head,
          steps: [
            { set: 'peer', to: port.datapathId },
            { set: 'encapsulate', to: 'yes' },
          ],
          goto: 'toPeer',
        })
  })
}

/** Where strangers come in, its addresses are its own. */
export const legacyAddresses = (cookie: bigint, key: number, { mac, ...own }: Address): Flow[] => [
  ...ownAddress(cookie, key, own),
  ...addressOf(own).map((match) =>
    pipeline.flow('sender', {
      cookie,
      priority: 115,
      match: { network: key, origin: 'local', eth_src: mac.mac_address, ...match },
      steps: lookUpSender,
      goto: 'learn',
    }),
  ),
]
