/**
 * Tells of packets that nothing lets pass at an interface: as events, and in the log. A switch sends a few a second, whoever
 * knocks how often; what is cut off of them is not looked at.
 */
import { alarm, drop, type LogFields, packetIn, type State } from 'openvnet'
import { pipeline, puntPoints } from '../../flows/pipeline.ts'
import { type Conversation, conversationOf } from './conversation.ts'

const uuidOf = (state: State, id: number) => state.interfaces.get(id)?.uuid

/** `tcp 10.0.0.1:1234 → 10.0.0.2:22`. */
function textOf({ protocol, source, destination, source_port, destination_port }: Conversation): string {
  if (source === undefined) return protocol
  const place = (address: unknown, port: unknown) =>
    port === undefined ? `${address}` : `${address}:${port}`
  return `${protocol} ${place(source, source_port)} → ${place(destination, destination_port)}`
}

export default packetIn({
  name: 'denied',
  from: puntPoints.denied,
  handle(packet, { state }) {
    const guardedId = pipeline.read(packet, 'outInterface')
    const senderId = pipeline.read(packet, 'inInterface')
    // What an interface may not send comes as if it were for itself.
    const isEgress = senderId === guardedId
    const guarded = uuidOf(state, guardedId)
    // Deleted meanwhile.
    if (guarded === undefined) return drop('no-interface')
    const network = state.networks.one('tunnelKey', pipeline.read(packet, 'network'))?.uuid
    const sender = isEgress ? undefined : uuidOf(state, senderId)
    const conversation = conversationOf(packet)
    const fields: LogFields = {
      direction: isEgress ? 'egress' : 'ingress',
      interface_uuid: guarded,
      ...(sender === undefined ? {} : { sender_uuid: sender }),
      ...(network === undefined ? {} : { network_uuid: network }),
      ...conversation,
    }
    const about = [guarded, network, sender].filter((uuid) => uuid !== undefined)
    const what = isEgress ? 'may not send' : 'does not hear'
    return alarm('denied', `${guarded} ${what}: ${textOf(conversation)}`, fields, about)
  },
})
