/** Encodes a message once, into bytes of its own. */
import { encodeInto, type Message } from '../../openflow/index.ts'

/** The longest OpenFlow message: its length field has 16 bits. */
const messageBytesMax = 65_536
const scratch = new Uint8Array(messageBytesMax)

/** A message whose parts come from flow functions: the codec checks what their types leave open. */
export type LooseMessage = Pick<Message, 'version' | 'xid'> & {
  readonly type: 'OFPT_FLOW_MOD' | 'OFPT_GROUP_MOD' | 'OFPT_METER_MOD' | 'NXT_CT_FLUSH_ZONE'
} & Readonly<Record<string, unknown>>

/** Throws a CodecError where the message cannot be written (a wrong name or range, or longer than 64 KiB). */
export const encodeOnce = (message: LooseMessage): Uint8Array =>
  scratch.slice(0, encodeInto(message as unknown as Message, scratch, 0))
