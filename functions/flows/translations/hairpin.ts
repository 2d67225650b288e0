/**
 * A member of a load balancer asks that itself and is chosen: what it asks comes back to it from the load balancer's address,
 * since it would take its own for a forgery. Which address that was is known whichever way, so nothing more is remembered.
 */
import { conntrackState, etherType, type Flow, type State } from 'openvnet'
import { type LoadBalancer, type Member, portField } from '../../state/balancing.ts'
import { pipeline } from '../pipeline.ts'
import { portOn } from '../places.ts'

const chosen = conntrackState({ trk: true, rpl: false, dnat: true })
const answer = conntrackState({ trk: true, rpl: true })
const neither = conntrackState({ trk: true, rpl: false, dnat: false })

/** Back to where it came from, from the MAC address that it was sent to. */
const turn = [{ push: 'eth_dst' }, { move: 'eth_src', to: 'eth_dst' }, { pop: 'eth_src' }] as const
const back = [...turn, { forgetPort: true }] as const

/** Whether the machine with a member's address is plugged in here, and so asks here. */
export const asksHere = (
  state: State,
  datapathId: number,
  networkId: number,
  { address }: Member,
): boolean => {
  const holder = state.ipLeases.one('address', networkId, address)?.interface_id ?? null
  return holder !== null && portOn(state, holder, datapathId) !== undefined
}

interface Balancing {
  readonly cookie: bigint
  /** The network's key. */
  readonly network: number
  readonly zone: number
}

/** To itself: from the address that it asked. */
const asking = ({ cookie, network }: Balancing, address: number): Flow =>
  pipeline.flow('hairpin', {
    cookie,
    priority: 120,
    match: { network, ct_state: chosen, ipv4_src: address, ipv4_dst: address },
    steps: [{ move: 'asked', to: 'ipv4_src' }, ...back],
    goto: 'destination',
  })

/** What may be its answer to itself is looked up as that, before it is taken for a question of its own, or for an answer to a check. */
const answering = ({ cookie, network, zone }: Balancing, row: LoadBalancer, member: Member): Flow =>
  pipeline.flow('service', {
    cookie,
    priority: 125,
    match: {
      ...{ network, balanced: 'no', ipv4_src: member.address, ipv4_dst: row.ipv4_address },
      [portField(row.protocol, 'src')]: member.port_number,
    },
    steps: [
      { set: 'balanced', to: 'yes' },
      { set: 'asked', to: row.ipv4_address },
      { set: 'ipv4_dst', to: member.address },
      { conntrack: { zone, nat: 'known', next: 'hairpin' } },
    ],
  })

/** An answer goes to who asked; all else goes on as it was sent. */
const looked = ({ cookie, network }: Balancing): Flow[] => {
  const match = { network, balanced: 'yes', eth_type: etherType.ipv4 } as const
  return [
    pipeline.flow('hairpin', {
      cookie,
      priority: 110,
      match: { ...match, ct_state: answer },
      steps: back,
      goto: 'destination',
    }),
    pipeline.flow('hairpin', {
      cookie,
      priority: 100,
      match: { ...match, ct_state: neither },
      steps: [{ move: 'asked', to: 'ipv4_dst' }, { resubmit: 'service' }],
    }),
  ]
}

/** For the members here, of each load balancer. */
export function hairpins(
  context: Balancing,
  rows: readonly { readonly row: LoadBalancer; readonly here: readonly Member[] }[],
): Flow[] {
  const addresses = new Set(rows.flatMap(({ here }) => here.map(({ address }) => address)))
  if (addresses.size === 0) return []
  const answers = new Map(
    rows.flatMap(({ row, here }) =>
      here.map((member): [string, Flow] => [
        `${row.protocol} ${row.ipv4_address} ${member.address} ${member.port_number}`,
        answering(context, row, member),
      ]),
    ),
  )
  return [
    ...[...addresses].map((address) => asking(context, address)),
    ...answers.values(),
    ...looked(context),
  ]
}
