/** @module Multipart messages: requests and replies that may come in several parts (OpenFlow 1.3.5, §7.3.5). */
import { pad, rest, u16, u32 } from '../../wire/index.ts'
import { message, reply, replyFlags, request, requestFlags } from '../messages/message.ts'
import { counters } from './counters.ts'
import { descriptions } from './descriptions.ts'
import { flowParts } from './flows.ts'
import { groupParts } from './groups.ts'
import { meterParts } from './meters.ts'
import { tableFeatureParts } from './table-features.ts'

const anyExperimenter = { experimenter: u32, exp_type: u32, data: rest } as const

/** Parts of unknown types. */
const unknownParts = [
  request('OFPMP_EXPERIMENTER', 0xffff, anyExperimenter),
  reply('OFPMP_EXPERIMENTER', 0xffff, anyExperimenter),
  message('OFPT_MULTIPART_REQUEST', 18, {
    multipart_type: u16,
    flags: requestFlags,
    pad: pad(4),
    data: rest,
  }),
  message('OFPT_MULTIPART_REPLY', 19, { multipart_type: u16, flags: replyFlags, pad: pad(4), data: rest }),
] as const

export const multipart = [
  ...descriptions,
  ...flowParts,
  ...counters,
  ...groupParts,
  ...meterParts,
  ...tableFeatureParts,
  ...unknownParts,
] as const
