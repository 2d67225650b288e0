/** ONF extension 230: bundles, for OpenFlow 1.3 (OpenFlow 1.4.1, §7.3.9, with the type numbers of the extension). */
import {
  alignBefore,
  flags,
  type Infer,
  lazy,
  list,
  type Node,
  names,
  pad,
  type Raw,
  rest,
  type StructNode,
  u16,
  u32,
  union,
} from '../../wire/index.ts'
import { type Message, message } from '../message.ts'
import { onf } from '../messages/message.ts'
import { property, unknownProperty } from '../property.ts'

const bundleFlags = flags(u16, { OFPBF_ATOMIC: 1, OFPBF_ORDERED: 2 })
const bundleProperty = union('bundle property', [
  property('OFPBPT_EXPERIMENTER', 0xffff, { experimenter: u32, exp_type: u32, data: rest }),
  unknownProperty,
])
const properties = list(bundleProperty)

const control = onf('ONFT_BUNDLE_CONTROL', 2300, {
  bundle_id: u32,
  ctrl_type: names(u16, {
    OFPBCT_OPEN_REQUEST: 0,
    OFPBCT_OPEN_REPLY: 1,
    OFPBCT_CLOSE_REQUEST: 2,
    OFPBCT_CLOSE_REPLY: 3,
    OFPBCT_COMMIT_REQUEST: 4,
    OFPBCT_COMMIT_REPLY: 5,
    OFPBCT_DISCARD_REQUEST: 6,
    OFPBCT_DISCARD_REPLY: 7,
  }),
  flags: bundleFlags,
  properties,
})

export interface BundleAddMessage {
  version: 4
  type: 'ONFT_BUNDLE_ADD_MESSAGE'
  xid: number
  bundle_id: number
  flags: Infer<typeof bundleFlags>
  /** The message that the bundle holds; its xid is the outer one's. */
  message: Message
  properties: Infer<typeof properties>
  raw?: Raw
}

const inner: Node<Message> = lazy(() => message)

const add: StructNode<BundleAddMessage> = onf('ONFT_BUNDLE_ADD_MESSAGE', 2301, {
  bundle_id: u32,
  pad: pad(2),
  flags: bundleFlags,
  message: inner,
  pad2: alignBefore('properties', 8),
  properties,
})

export const bundles = [control, add] as const
