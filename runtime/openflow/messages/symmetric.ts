/** HELLO and ECHO, which are the same in every version (OpenFlow 1.3.5, §7.5), and experimenter messages. */
import {
  flags,
  lenientList,
  list,
  literal,
  ownLength,
  rest,
  struct,
  u8,
  u16,
  u32,
  union,
} from '../../wire/index.ts'
import { anyVersion, message } from './message.ts'

/** Bit n is version n on the wire; later words count on from 32. */
const versionWord = flags(u32, { '1.0': 2, '1.1': 4, '1.2': 8, '1.3': 16, '1.4': 32, '1.5': 64 })

/** Not every controller pads the elements. */
const helloPadding = { outerAlign: 8, outerAlignForgotten: true } as const

const helloElement = union('hello element', [
  struct(
    { type: literal(u16, 1, 'OFPHET_VERSIONBITMAP'), length: ownLength, bitmaps: list(versionWord) },
    helloPadding,
  ),
  struct({ type: u16, length: ownLength, data: rest }, helloPadding),
])

export const symmetric = [
  message('OFPT_HELLO', 0, { elements: list(helloElement) }),
  // Versions before 1.3.1 have no elements, and whatever is there instead is to be ignored.
  anyVersion('OFPT_HELLO', 0, { elements: lenientList(helloElement) }),
  anyVersion('OFPT_ECHO_REQUEST', 2, { data: rest }),
  anyVersion('OFPT_ECHO_REPLY', 3, { data: rest }),
  message('OFPT_EXPERIMENTER', 4, { experimenter: u32, exp_type: u32, data: rest }),
] as const

/** What no other message fits: an unknown type, or a version that this codec does not know. */
export const unknownMessage = struct({ version: u8, type: u8, length: ownLength, xid: u32, data: rest })
