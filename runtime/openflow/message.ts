/** The union of all messages. */
import { type Infer, type Node, union } from '../wire/index.ts'
import { errorMessages } from './messages/errors.ts'
import { flowMessages } from './messages/flows.ts'
import { groupMessages } from './messages/groups.ts'
import { meterMessages } from './messages/meters.ts'
import { packetMessages } from './messages/packets.ts'
import { portMessages } from './messages/ports.ts'
import { queueMessages } from './messages/queues.ts'
import { roleMessages } from './messages/roles.ts'
import { switchMessages } from './messages/switch.ts'
import { symmetric, unknownMessage } from './messages/symmetric.ts'
import { multipart } from './multipart/index.ts'
import { conntrackMessages } from './nicira/conntrack.ts'
import { flowMonitor } from './nicira/flow-monitor.ts'
import { flowMessages as niciraFlowMessages } from './nicira/flows.ts'
import { groupMessages as niciraGroupMessages } from './nicira/groups.ts'
import { ipfix } from './nicira/ipfix.ts'
import { niciraMessages } from './nicira/messages.ts'
import { packetInMessages } from './nicira/packet-in.ts'
import { type BundleAddMessage, bundles } from './onf/bundles.ts'
import { notices, type RequestForward } from './onf/notices.ts'

type Plain =
  | (typeof symmetric)[number]
  | (typeof errorMessages)[number]
  | (typeof switchMessages)[number]
  | (typeof packetMessages)[number]
  | (typeof flowMessages)[number]
  | (typeof groupMessages)[number]
  | (typeof meterMessages)[number]
  | (typeof portMessages)[number]
  | (typeof queueMessages)[number]
  | (typeof roleMessages)[number]
  | (typeof multipart)[number]
  | (typeof niciraMessages)[number]
  | (typeof packetInMessages)[number]
  | (typeof niciraFlowMessages)[number]
  | (typeof niciraGroupMessages)[number]
  | (typeof flowMonitor)[number]
  | (typeof conntrackMessages)[number]
  | (typeof ipfix)[number]
  | typeof unknownMessage

/** A message; of an unknown type or version where `type` is a number. */
export type Message =
  | Infer<Plain>
  | Infer<(typeof bundles)[0]>
  | BundleAddMessage
  | Infer<(typeof notices)[0]>
  | RequestForward

export const message: Node<Message> = union('message', [
  ...symmetric,
  ...errorMessages,
  ...switchMessages,
  ...packetMessages,
  ...flowMessages,
  ...groupMessages,
  ...meterMessages,
  ...portMessages,
  ...queueMessages,
  ...roleMessages,
  ...multipart,
  ...niciraMessages,
  ...packetInMessages,
  ...niciraFlowMessages,
  ...niciraGroupMessages,
  ...flowMonitor,
  ...conntrackMessages,
  ...ipfix,
  ...bundles,
  ...notices,
  unknownMessage,
] as const)
