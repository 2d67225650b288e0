/** What is of a connection whose rule has gone: the switch forgets the connection, and the next packet begins a new one. */
import { drop, forgetConnection, packetIn } from 'openvnet'
import { puntPoints } from '../../flows/pipeline.ts'

export default packetIn({
  name: 'ended-connection',
  from: puntPoints.endedConnection,
  handle(packet) {
    const connection = packet.connection()
    return connection === null ? drop('no-connection') : forgetConnection(packet.dpid, connection)
  },
})
