/** What a switch tells other controllers: ONF extensions 191 (role status) and 235 (requests forwarded). */
import {
  lazy,
  list,
  type Node,
  names,
  pad,
  type Raw,
  rest,
  type StructNode,
  u8,
  u32,
  u64,
  union,
} from '../../wire/index.ts'
import { type Message, message } from '../message.ts'
import { nicira, onf } from '../messages/message.ts'
import { role } from '../messages/roles.ts'
import { property, unknownProperty } from '../property.ts'

const roleProperty = union('role property', [
  property('OFPRPT_EXPERIMENTER', 0xffff, { experimenter: u32, exp_type: u32, data: rest }),
  unknownProperty,
])

const roleStatus = onf('ONFT_ROLE_STATUS', 1911, {
  role,
  reason: names(u8, { OFPCRR_MASTER_REQUEST: 0, OFPCRR_CONFIG: 1, OFPCRR_EXPERIMENTER: 2 }),
  pad: pad(3),
  generation_id: u64,
  properties: list(roleProperty),
})

export interface RequestForward {
  version: 4
  type: 'ONFT_REQUESTFORWARD' | 'NXT_REQUESTFORWARD'
  xid: number
  /** The group or meter modification that another controller sent. */
  request: Message
  raw?: Raw
}
const request: Node<Message> = lazy(() => message)
const forwarded: StructNode<RequestForward> = onf('ONFT_REQUESTFORWARD', 2350, { request })
const forwardedByNicira: StructNode<RequestForward> = nicira('NXT_REQUESTFORWARD', 132, { request })

export const notices = [roleStatus, forwarded, forwardedByNicira] as const
