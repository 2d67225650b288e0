/**
 * A packet whose next hop in a physical network is not known: who has the address is asked, and the packet waits. It goes on
 * with the answer; without one its sender is told that the host is unreachable, and nobody is asked for a while.
 */
import {
  drop,
  type Effects,
  holdFor,
  type PacketEnvironment,
  type PacketIn,
  packetIn,
  sendThrough,
} from 'openvnet'
import { puntPoints } from '../../flows/pipeline.ts'
import { tellEither } from '../icmp/tell-either.ts'
import { registersOf, resubmitTo } from '../resume.ts'
import {
  ask,
  keyOf,
  memorise,
  type NextHop,
  nextHopOf,
  questionIntervalMs,
  questionsMax,
  recall,
  setDestination,
} from './learning.ts'

const goOn = (packet: PacketIn, mac: number): Effects =>
  sendThrough([...registersOf(packet), setDestination(mac), resubmitTo('departure')])

function askAgain(packet: PacketIn, env: PacketEnvironment, hop: NextHop, asked: number): Effects {
  const asking = ask(packet, env.state, hop, asked + 1, env.now)
  return asking.length === 0 ? drop('no-way-out') : [...asking, holdFor(keyOf(hop), questionIntervalMs)]
}

function giveUp(packet: PacketIn, env: PacketEnvironment, hop: NextHop): Effects {
  const told = tellEither(packet, env.state, 'hostUnreachable')
  return [memorise(hop, { kind: 'failed', at: env.now }), ...[told ?? []].flat()]
}

export default packetIn({
  name: 'next-hop',
  from: puntPoints.nextHop,
  handle(packet, env) {
    const hop = nextHopOf(packet, env.state)
    if (hop === undefined) return drop('no-network')
    const memory = recall(env, hop)
    if (memory === undefined) return askAgain(packet, env, hop, 0)
    // It has waited for the answer, or was under way when the switch learned that.
    if (memory.kind === 'known') return goOn(packet, memory.mac)
    if (memory.kind === 'failed') return tellEither(packet, env.state, 'hostUnreachable')
    const rest = memory.at + questionIntervalMs - env.now
    if (rest > 0) return holdFor(keyOf(hop), rest)
    return memory.count < questionsMax ? askAgain(packet, env, hop, memory.count) : giveUp(packet, env, hop)
  },
})
