/**
 * Learning by the switch: where machines are that the state does not know, in a network or segment that has ports with
 * such machines behind them ("strangers"). All of it is flows, so it goes on while no host is there.
 *
 * A frame of a stranger comes to `sender` with `network` and, from a port here, `inInterface` set, or from another
 * datapath with `peer`. There nobody passes under the MAC of an interface that the state knows in the domain. `learn`
 * makes or refreshes a flow of `learned`, the table of the switch's own, under a cookie of the port (or of the other
 * datapath) and the domain:
 *
 * - Nothing stale: when the port or the domain goes, its learning flow goes, and the switch forgets what was learned
 *   under that cookie. So the cookie has all that a learned flow says: domain, port and interface.
 * - Bounded: so many of each port. Who comes when it is full is not let in.
 * - A MAC ages by when it was last heard, not by when it was last sent to.
 * - A MAC that appears elsewhere is learned anew by the first frame. A copy of that goes to every other datapath of the
 *   domain, which learn it so, whomever it is for; it is sent to none of them twice.
 *
 * Frames of strangers, and for them, go to other datapaths encapsulated, over the same wire, too: what a stranger claims
 * to be never meets a physical switch, where another tenant's machine could have the same MAC.
 *
 * Whoever looks a MAC up resubmits to `learned` and goes on to `station`, which reads `found`, `outInterface`, `outPort`
 * and `peer`.
 */
import { cookieOf, type Flow } from 'openvnet'
import type { Learning } from '../../state/mac-learning.ts'
import { shortPort } from '../meters.ts'
import { features, pipeline } from '../pipeline.ts'
import type { Address } from '../places.ts'

/** MACs behind another datapath, in one domain, at least: its ports bound them already. */
const macsPerPeer = 8_192
const learnedPriority = 100

const idBits = 24
const portShift = 2 ** 8
const idShift = 2 ** idBits

/** The domain's key, the port, and of the interface what is left of 48 bits. */
const portCookie = (key: number, port: number, interfaceId: number) =>
  cookieOf(features.stranger, key * idShift + shortPort(port) * portShift + (interfaceId % portShift))
const peerCookie = (key: number, peerId: number) =>
  cookieOf(features.strangersElsewhere, key * idShift + (peerId % idShift))

/** A MAC is known for so long after it was last heard. */
const lasting = ({ ageing }: Learning) => ({ hardSeconds: ageing, idleSeconds: ageing })

/** What every learned flow has: who sent this is who may be sent to. */
const learned = {
  priority: learnedPriority,
  match: [
    { field: 'network', from: 'network' },
    { field: 'eth_dst', from: 'eth_src' },
  ],
  result: 'admitted',
} as const

/** What the look-up of the sender has left behind. */
const forgetSender = [
  { set: 'found', to: 'nothing' },
  { set: 'outPort', to: 0 },
] as const

/** A port here with strangers in a domain. */
export interface LearningPort {
  /** The domain's. */
  readonly key: number
  readonly interfaceId: number
  readonly port: number
  readonly learning: Learning
}

/** What is learned of the machines behind a port. */
export function learnFromPort({ key, interfaceId, port, learning }: LearningPort): Flow[] {
  const cookie = portCookie(key, port, interfaceId)
  const outPort = shortPort(port)
  const learn = {
    learn: 'learned',
    flow: {
      ...learned,
      ...lasting(learning),
      cookie,
      limit: learning.limit,
      set: [
        { field: 'found', to: 'here' },
        { field: 'outInterface', to: interfaceId },
        { field: 'outPort', to: outPort },
      ],
    },
  } as const
  const steps = [learn, ...forgetSender, { set: 'encapsulate', to: 'yes' } as const]
  const match = { network: key, inInterface: interfaceId }
  return [
    pipeline.flow('learn', {
      cookie,
      priority: 110,
      match: { ...match, found: 'here', outPort },
      steps,
      goto: 'admission',
    }),
    pipeline.flow('learn', {
      cookie,
      priority: 100,
      match,
      steps: [...steps, { set: 'announce', to: 'due' }, { resubmit: 'admission' }],
      goto: 'admission',
    }),
  ]
}

/** What is learned of the machines behind the ports of another datapath. */
export function learnFromPeer(key: number, peerId: number, learning: Learning): Flow {
  const cookie = peerCookie(key, peerId)
  return pipeline.flow('learn', {
    cookie,
    priority: 100,
    match: { network: key, origin: 'peerByTunnel', peer: peerId },
    steps: [
      {
        learn: 'learned',
        flow: {
          ...learned,
          ...lasting(learning),
          cookie,
          limit: Math.max(macsPerPeer, learning.limit),
          set: [
            { field: 'found', to: 'elsewhere' },
            { field: 'peer', to: peerId },
            { field: 'encapsulate', to: 'yes' },
          ],
        },
      },
    ],
    goto: 'admission',
  })
}

/** Nobody passes under this MAC who comes from a stranger's port; from other datapaths it does, and is not learned. */
export const knownSender = (cookie: bigint, key: number, eth_src: number): Flow =>
  pipeline.flow('sender', {
    cookie,
    priority: 100,
    match: { network: key, eth_src },
    goto: 'admission',
  })

/** Looks up what the switch has learned of the sender. */
export const lookUpSender = [
  { push: 'eth_dst' },
  { move: 'eth_src', to: 'eth_dst' },
  { resubmit: 'learned' },
  { pop: 'eth_dst' },
] as const

/** Frames under an address, as matches. */
export const addressOf = ({ ips, ipv6s }: Pick<Address, 'ips' | 'ipv6s'>) => [
  ...ips.flatMap((ip) => [{ ipv4_src: ip }, { arp_spa: ip }]),
  ...ipv6s.map((ipv6_src) => ({ ipv6_src })),
]

/** No stranger in a network has an address of an interface. */
export const ownAddress = (cookie: bigint, key: number, own: Pick<Address, 'ips' | 'ipv6s'>): Flow[] =>
  addressOf(own).map((match) =>
    pipeline.flow('sender', {
      cookie,
      priority: 110,
      match: { network: key, origin: 'local', ...match },
      drop: true,
    }),
  )

/** Nor has anybody in the segment of a network who has chosen an address. */
export const ownAddressOnSegment = (
  cookie: bigint,
  key: number,
  address: Pick<Address, 'ips' | 'ipv6s'>,
): Flow[] =>
  addressOf(address).map((match) =>
    pipeline.flow('admission', {
      cookie,
      priority: 150,
      match: { network: key, origin: 'local', admitted: 'yes', ...match },
      drop: true,
    }),
  )
