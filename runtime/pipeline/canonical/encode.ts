/** Encodes a message once, into bytes of its own. */
import { encodeInto, type Message } from '../../openflow/index.ts'

/** The longest OpenFlow message: its length field has 16 bits. */
const messageBytesMax = 65_536
const scratch = new Uint8Array(messageBytesMax)

/** Throws a CodecError where the message cannot be written (a wrong name or range, or longer than 64 KiB). */
export const encodeOnce = (message: Message): Uint8Array => scratch.slice(0, encodeInto(message, scratch, 0))
