/** What every datapath has where something decides what passes: how a verdict is come to, whoever it is about. */
import {
  conntrackState,
  cookieOf,
  dhcpClientPort,
  dhcpServerPort,
  etherType,
  type Flow,
  type FlowFunction,
} from 'openvnet'
import { features, pipeline } from '../pipeline.ts'

const udp = 17
/** Of these every packet that is right belongs to a connection; others are not tracked everywhere. */
const trackedProtocols = [1, 6, udp]

const invalid = conntrackState({ trk: true, inv: true })
const first = conntrackState({ trk: true, rpl: false })
const answer = conntrackState({ trk: true, rpl: true })
const fresh = conntrackState({ trk: true, new: true })
/** What the fields of a connection's first packet are there for. */
export const known = conntrackState({ trk: true, inv: false })

/** One is in no group, or in one: who is in several has flows of its own. */
const tracked = (cookie: bigint): Flow[] => [
  pipeline.flow('fromTracked', {
    cookie,
    priority: 100,
    match: { ct_state: first },
    steps: [{ resubmit: 'egressRules' }],
    goto: 'fromVerdict',
  }),
  pipeline.flow('fromTracked', {
    cookie,
    priority: 100,
    match: { ct_state: answer },
    steps: [{ set: 'restricted', to: 'yes' }, { resubmit: 'ingressRules' }],
    goto: 'fromVerdict',
  }),
  pipeline.flow('toTracked', {
    cookie,
    priority: 100,
    match: { ct_state: first },
    steps: [{ set: 'restricted', to: 'yes' }, { resubmit: 'ingressRules' }],
    goto: 'toVerdict',
  }),
  pipeline.flow('toTracked', {
    cookie,
    priority: 100,
    match: { ct_state: answer },
    steps: [{ resubmit: 'egressRules' }],
    goto: 'toVerdict',
  }),
]

/** Broken packets are of no connection. */
const broken = (cookie: bigint): Flow[] =>
  trackedProtocols.flatMap((ip_proto) => [
    pipeline.flow('fromTracked', {
      cookie,
      priority: 200,
      match: { ct_state: invalid, ip_proto },
      drop: true,
    }),
    pipeline.flow('toTracked', { cookie, priority: 200, match: { ct_state: invalid, ip_proto }, drop: true }),
  ])

/** A connection is remembered by its first packet, in the zone where it was looked for. */
const remember = { conntrack: { zone: 'ct_zone', commit: true } } as const

const verdicts = (cookie: bigint): Flow[] =>
  ([{ permitted: 'yes' }, { restricted: 'no' }] as const).flatMap((passes) => [
    pipeline.flow('fromVerdict', {
      cookie,
      priority: 30,
      match: { ...passes, eth_type: etherType.ipv4, ct_state: fresh },
      steps: [remember],
      goto: 'service',
    }),
    pipeline.flow('fromVerdict', { cookie, priority: 20, match: passes, goto: 'service' }),
    pipeline.flow('toVerdict', {
      cookie,
      priority: 30,
      match: { ...passes, eth_type: etherType.ipv4, ct_state: fresh },
      steps: [remember],
      goto: 'output',
    }),
    pipeline.flow('toVerdict', { cookie, priority: 20, match: passes, goto: 'output' }),
  ])

export const filtering: FlowFunction = ({ datapathId }) => {
  const cookie = cookieOf(features.filtering, datapathId)
  return {
    flows: [
      ...tracked(cookie),
      ...broken(cookie),
      ...verdicts(cookie),
      pipeline.flow('fromVerdict', { cookie, priority: 10, match: {}, goto: 'fromDenied' }),
      pipeline.flow('toVerdict', { cookie, priority: 10, match: {}, goto: 'toDenied' }),
      // Who may not ask for addresses reaches nobody.
      pipeline.flow('toInterface', {
        cookie,
        priority: 10,
        match: { eth_type: etherType.arp },
        goto: 'output',
      }),
      // By the packet's own ports, which Open vSwitch needs few bits of; those of tracking it remembers whole.
      pipeline.flow('fromInterface', {
        cookie,
        priority: 100,
        match: { udp_src: dhcpClientPort, udp_dst: dhcpServerPort },
        goto: 'service',
      }),
    ],
  }
}
