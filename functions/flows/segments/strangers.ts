/** Machines that the state does not know, in a network or a segment: they are learned, looked up, and sent what is for all. */
import {
  cookieOf,
  dhcpClientPort,
  dhcpv6ClientPort,
  etherType,
  type Flow,
  type FlowFunction,
  ipProtocol,
  type State,
  unspecifiedIpv6,
} from 'openvnet'
import { type Domain, networkDomain, segmentDomain, strangerPortsOf } from '../../state/domains.ts'
import { learningBehind } from '../../state/mac-learning.ts'
import { hasIpv6 } from '../../state/networks.ts'
import { features, pipeline } from '../pipeline.ts'
import { multicast } from '../places.ts'
import { learnFromPeer, learnFromPort, lookUpSender } from './learning.ts'

const cookieOfDomain = ({ kind, id }: Domain) => cookieOf(features[kind], id)

/** Whoever is not known goes on to be learned; of those here first what the switch has learned of them is looked up. */
function fromStrangers(domain: Domain): Flow[] {
  const head = { cookie: cookieOfDomain(domain), priority: 1 }
  return [
    pipeline.flow('sender', {
      ...head,
      match: { network: domain.key, origin: 'local' },
      steps: lookUpSender,
      goto: 'learn',
    }),
    pipeline.flow('sender', {
      ...head,
      match: { network: domain.key, origin: 'peerByTunnel' },
      goto: 'learn',
    }),
  ]
}

/** Who is new here is announced by a copy. Others go on: in a network to what it answers itself. */
function admission(domain: Domain): Flow[] {
  const cookie = cookieOfDomain(domain)
  const match = { network: domain.key, origin: 'local', admitted: 'yes' } as const
  const isNetwork = domain.kind === 'network'
  return [
    pipeline.flow('admission', {
      cookie,
      priority: 200,
      match: { ...match, announce: 'due' },
      steps: [{ resubmit: 'floodPeers' }, { set: 'announce', to: 'done' }],
    }),
    pipeline.flow('admission', {
      cookie,
      priority: 10,
      match: { network: domain.key, origin: 'peerByTunnel' },
      goto: isNetwork ? 'destination' : 'segment',
    }),
    ...(isNetwork ? [pipeline.flow('admission', { cookie, priority: 10, match, goto: 'arp' })] : []),
  ]
}

/** After a look-up. */
function stations(domain: Domain): Flow[] {
  const head = { cookie: cookieOfDomain(domain), priority: 100 }
  const { key } = domain
  return [
    pipeline.flow('station', { ...head, match: { network: key, found: 'here' }, goto: 'output' }),
    pipeline.flow('station', { ...head, match: { network: key, found: 'elsewhere' }, goto: 'toPeer' }),
    pipeline.flow('station', {
      ...head,
      priority: 1,
      match: { network: key },
      steps: [{ set: 'encapsulate', to: 'yes' }],
      goto: 'unknown',
    }),
  ]
}

/** To whom the state does not know: looked up. A physical switch floods frames between other datapaths: those are nobody's. */
function toStrangers({ kind, id, key }: Domain): Flow[] {
  const table = kind === 'network' ? 'destination' : 'segment'
  const cookie = cookieOf(features[kind], id)
  return [
    pipeline.flow(table, {
      cookie,
      priority: 10,
      match: { network: key },
      steps: [{ resubmit: 'learned' }],
      goto: 'station',
    }),
    pipeline.flow(table, {
      cookie,
      priority: 20,
      match: { network: key, origin: 'peerByWire' },
      drop: true,
    }),
  ]
}

/** A group is nobody who sends. */
const noGroups = (domain: Domain): Flow =>
  pipeline.flow('sender', {
    cookie: cookieOfDomain(domain),
    priority: 200,
    match: { network: domain.key, eth_src: multicast },
    drop: true,
  })

const routerAdvertisement = 134
const redirect = 137

/** Who answers DHCP clients of a network, and who routes there, is named by the state. */
const noServers = (domain: Domain): Flow[] =>
  [
    { udp_dst: dhcpClientPort },
    { eth_type: etherType.ipv6, ip_proto: ipProtocol.udp, udp_dst: dhcpv6ClientPort },
    { icmpv6_type: routerAdvertisement },
    { icmpv6_type: redirect },
  ].map((what) =>
    pipeline.flow('sender', {
      cookie: cookieOfDomain(domain),
      priority: 120,
      match: { network: domain.key, origin: 'local', ...what },
      drop: true,
    }),
  )

function flowsOf(state: State, datapathId: number, domain: Domain): Flow[] {
  const ports = strangerPortsOf(state, domain)
  if (ports.length === 0) return []
  const here = ports.filter((port) => port.datapathId === datapathId)
  const peerIds = new Set(ports.map((port) => port.datapathId).filter((id) => id !== datapathId))
  const behind = (peerId: number) =>
    ports.filter((port) => port.datapathId === peerId).map(({ interfaceId }) => interfaceId)
  return [
    ...fromStrangers(domain),
    noGroups(domain),
    ...(domain.kind === 'network' && here.length > 0 ? noServers(domain) : []),
    ...here.flatMap((port) =>
      learnFromPort({ key: domain.key, ...port, learning: learningBehind(state, [port.interfaceId]) }),
    ),
    ...[...peerIds].map((peerId) => learnFromPeer(domain.key, peerId, learningBehind(state, behind(peerId)))),
    ...admission(domain),
    ...stations(domain),
    ...toStrangers(domain),
  ]
}

/** They look for neighbours as others do, and for whether an address is free. */
function neighboursOf(domain: Domain): Flow[] {
  const cookie = cookieOfDomain(domain)
  const match = { network: domain.key, origin: 'local', admitted: 'yes' } as const
  return [
    pipeline.flow('admission', {
      cookie,
      priority: 20,
      match: { ...match, eth_type: etherType.ipv6 },
      goto: 'solicitation',
    }),
    pipeline.flow('admission', {
      cookie,
      priority: 30,
      match: { ...match, ipv6_src: unspecifiedIpv6 },
      steps: [{ set: 'probe', to: 'yes' }],
      goto: 'solicitation',
    }),
  ]
}

/** The object is the network. */
export const networkStrangers: FlowFunction = ({ objectId, datapathId }, state) => {
  const network = state.networks.get(objectId)
  if (network === undefined) return { flows: [] }
  const domain = networkDomain(network)
  const flows = flowsOf(state, datapathId, domain)
  return { flows: flows.length > 0 && hasIpv6(network) ? [...flows, ...neighboursOf(domain)] : flows }
}

/** The object is the segment. */
export const segmentStrangers: FlowFunction = ({ datapathId, objectId }, state) => {
  const segment = state.segments.get(objectId)
  return { flows: segment === undefined ? [] : flowsOf(state, datapathId, segmentDomain(segment)) }
}

/** The port of an interface with strangers behind it: whatever comes in there is of its network or segment. */
export const classifyStrangers = (cookie: bigint, interfaceId: number, port: number, domain: Domain): Flow =>
  pipeline.flow('classifier', {
    cookie,
    priority: 100,
    match: { in_port: port, vlan_vid: 0 },
    steps: [
      { set: 'inInterface', to: interfaceId },
      { set: 'network', to: domain.key },
    ],
    goto: 'sender',
  })
