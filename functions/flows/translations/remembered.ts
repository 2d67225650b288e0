/**
 * The rule that made a connection is its label. It goes on as long as the rule is there; what is of one whose rule has gone ends
 * here, and the host has the switch forget it: what is sent next begins anew, by the rules that there are.
 */
import { conntrackState, cookieOf, etherType, type Flow, type FlowFunction } from 'openvnet'
import { endedMeter, endedMeterId } from '../meters.ts'
import { pipeline, puntPoints } from '../pipeline.ts'
import type { Side } from './translation.ts'

/** Of a connection, whichever way: beside the label of one that is remembered. */
export const valid = conntrackState({ trk: true, inv: false })
export const established = conntrackState({ trk: true, est: true })
/** Sent again before there was an answer: still new, and already what it was translated to. */
export const repeated = {
  inward: conntrackState({ trk: true, new: true, dnat: true }),
  outward: conntrackState({ trk: true, new: true, snat: true }),
}

/** Connections of a router interface whose rules are there, by their numbers. */
export const goingOn = ({ cookie, network, memberId, macs }: Side, rules: readonly number[]): Flow[] =>
  rules.flatMap((ct_label) => [
    pipeline.flow('translateSource', {
      cookie,
      priority: 360,
      match: { outRouter: memberId, ct_state: valid, ct_label, eth_type: etherType.ipv4 },
      goto: 'destination',
    }),
    ...macs.map((eth_dst) =>
      pipeline.flow('translateConnection', {
        cookie,
        priority: 310,
        match: {
          network: network.tunnel_key_id,
          eth_dst,
          ct_state: valid,
          ct_label,
          eth_type: etherType.ipv4,
        },
        goto: 'leaveConnection',
      }),
    ),
  ])

/** All others. */
export const ended = ({ cookie, network, memberId, macs }: Side): Flow[] => [
  ...[established, repeated.outward].map((ct_state) =>
    pipeline.flow('translateSource', {
      cookie,
      priority: 350,
      match: { outRouter: memberId, ct_state, eth_type: etherType.ipv4 },
      goto: 'endedConnection',
    }),
  ),
  ...[established, repeated.inward].flatMap((ct_state) =>
    macs.map((eth_dst) =>
      pipeline.flow('translateConnection', {
        cookie,
        priority: 300,
        match: { network: network.tunnel_key_id, eth_dst, ct_state, eth_type: etherType.ipv4 },
        goto: 'endedConnection',
      }),
    ),
  ),
]

/** The object is the datapath. */
export const endedConnections: FlowFunction = () => ({
  meters: [endedMeter],
  flows: [
    pipeline.flow('endedConnection', {
      cookie: cookieOf(puntPoints.endedConnection, 0),
      priority: 1,
      match: {},
      steps: [{ punt: { meterId: endedMeterId } }],
    }),
  ],
})
