/** What a connection has carried and dropped since it opened. */

export interface Statistics {
  receivedMessages: number
  receivedBytes: number
  sentMessages: number
  sentBytes: number
  packetIns: number
  packetOuts: number
  /** PACKET_INs that nobody listened for: the datapath was not served at that moment. */
  droppedPacketIns: number
  /** Messages that we did not send because the peer does not read fast enough. */
  droppedMessages: number
  /** Messages that the codec refused. */
  malformedMessages: number
  /** Replies that nobody waits for, and types that no switch sends to a controller. */
  unexpectedMessages: number
  /** How often reading stopped because the peer did not read. */
  pauses: number
}

export const newStatistics = (): Statistics => ({
  receivedMessages: 0,
  receivedBytes: 0,
  sentMessages: 0,
  sentBytes: 0,
  packetIns: 0,
  packetOuts: 0,
  droppedPacketIns: 0,
  droppedMessages: 0,
  malformedMessages: 0,
  unexpectedMessages: 0,
  pauses: 0,
})
