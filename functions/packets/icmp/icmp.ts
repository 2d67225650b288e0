/**
 * ICMP errors of routers: the sender of a packet that could not be routed is told why. Each interface at its own rate, by
 * its meter.
 */
import { drop, packetIn } from 'openvnet'
import { puntPoints } from '../../flows/pipeline.ts'
import { markOf } from './tell.ts'
import { tellEither } from './tell-either.ts'

export default packetIn({
  name: 'icmp',
  from: puntPoints.icmp,
  handle(packet, { state }) {
    const mark = markOf(packet)
    return mark === undefined ? drop('no-error') : tellEither(packet, state, mark)
  },
})
