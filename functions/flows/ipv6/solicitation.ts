/**
 * Neighbour solicitations answered from the state (RFC 4861, 7.2): one never has to leave the datapath for an address
 * that the state knows. What machines say of themselves is made true on the way, so that nobody can say it of others.
 */
import { type Flow, linkLocalOf } from 'openvnet'
import { pipeline } from '../pipeline.ts'
import type { Address } from '../places.ts'

interface Owner {
  readonly cookie: bigint
  /** The network's key. */
  readonly network: number
}

const solicitation = 135
const advertisement = 136

/** Who solicits an address hears of its MAC. A flow for it, and one of the datapath that makes the answer. */
export const answerSolicitation = (
  { cookie, network }: Owner,
  ipv6_nd_target: string,
  mac: number,
  isRouter: 'no' | 'yes' = 'no',
): Flow =>
  pipeline.flow('solicitation', {
    cookie,
    priority: 100,
    match: { network, icmpv6_type: solicitation, ipv6_nd_target },
    steps: [
      { move: 'eth_src', to: 'eth_dst' },
      { set: 'eth_src', to: mac },
      ...(isRouter === 'yes' ? [{ set: 'advertisesRouter', to: 'yes' } as const] : []),
    ],
    goto: 'advertisement',
  })

/** What a machine says of an address that it has under another MAC than its own. */
export const ownAdvertisement = (
  { cookie, network }: Owner,
  inInterface: number,
  ipv6_src: string,
  mac: number,
): Flow =>
  pipeline.flow('solicitation', {
    cookie,
    priority: 160,
    match: { network, inInterface, ipv6_src, icmpv6_type: advertisement, icmpv6_code: 0 },
    steps: [
      { move: 'ipv6_src', to: 'ipv6_nd_target' },
      { set: 'ipv6_nd_tll', to: mac },
    ],
    goto: 'service',
  })

/** Nobody else has the link-local address that follows from a MAC. */
const keepLinkLocal = ({ cookie, network }: Owner, mac: number): Flow =>
  pipeline.flow('solicitation', {
    cookie,
    priority: 200,
    match: { network, linkLocal: 'other', ipv6_src: linkLocalOf(mac) },
    drop: true,
  })

/** What everybody on a datapath is told of an address of another machine, and what nobody may say. */
export const neighbourFlows = (owner: Owner, { mac, ipv6s, hasLinkLocal }: Address): Flow[] => [
  ...ipv6s.map((ip) => answerSolicitation(owner, ip, mac.mac_address)),
  ...(hasLinkLocal ? [keepLinkLocal(owner, mac.mac_address)] : []),
]

/** The same of a simulated interface: its link-local address is known, too. */
export const simulatedNeighbourFlows = (
  owner: Owner,
  { mac: { mac_address }, ipv6s }: Address,
  isRouter: boolean,
): Flow[] => [
  ...[...ipv6s, linkLocalOf(mac_address)].map((ip) =>
    answerSolicitation(owner, ip, mac_address, isRouter ? 'yes' : 'no'),
  ),
  keepLinkLocal(owner, mac_address),
]
