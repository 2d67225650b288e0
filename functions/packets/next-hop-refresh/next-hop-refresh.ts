/**
 * A copy of a packet to a next hop that was asked for a while ago: it is asked again, while packets go on. One that no longer
 * answers is forgotten.
 */
import { drop, packetIn } from 'openvnet'
import { puntPoints } from '../../flows/pipeline.ts'
import {
  ask,
  forget,
  memorise,
  nextHopOf,
  questionIntervalMs,
  questionsMax,
  recall,
} from '../next-hop/learning.ts'

export default packetIn({
  name: 'next-hop-refresh',
  from: puntPoints.nextHopRefresh,
  handle(packet, env) {
    const hop = nextHopOf(packet, env.state)
    if (hop === undefined) return drop('no-network')
    const memory = recall(env, hop)
    if (memory !== undefined && env.now < memory.at + questionIntervalMs) return drop('asked')
    const asked = memory?.kind === 'asked' ? memory.count : 0
    if (asked < questionsMax) return ask(packet, env.state, hop, asked + 1, env.now)
    return [forget(hop), memorise(hop, { kind: 'failed', at: env.now })]
  },
})
