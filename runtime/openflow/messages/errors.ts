/** Errors (OpenFlow 1.3.5, §7.4.4). The specification's `type` is `error_type` here, beside the message's own. */
import { literal, type Node, names, rest, u16, u32 } from '../../wire/index.ts'
import { experimenters } from '../numbers.ts'
import { errorCodes, niciraErrors, onfErrors } from './error-codes.ts'
import { anyVersion, message } from './message.ts'

const error_type = 1
type Codes = typeof errorCodes
type ErrorType = keyof Codes

const codesOf = <T extends ErrorType>(type: T): Node<Codes[T][1][number] | number> =>
  names(u16, Object.fromEntries(errorCodes[type][1].map((name, code) => [name, code]))) as never

const standard = <const T extends ErrorType>(type: T) =>
  message('OFPT_ERROR', error_type, {
    error_type: literal(u16, errorCodes[type][0], type),
    code: codesOf(type),
    data: rest,
  })

const vendor = <const E extends number, const C extends Record<string, number>>(experimenter: E, codes: C) =>
  message('OFPT_ERROR', error_type, {
    error_type: literal(u16, 0xffff, 'OFPET_EXPERIMENTER'),
    exp_type: names(u16, codes),
    experimenter: literal(u32, experimenter, experimenter),
    data: rest,
  })

export const errorMessages = [
  // A switch refuses a version in its own, so this one error must be readable in any.
  anyVersion('OFPT_ERROR', error_type, {
    error_type: literal(u16, 0, 'OFPET_HELLO_FAILED'),
    code: codesOf('OFPET_HELLO_FAILED'),
    data: rest,
  }),
  standard('OFPET_BAD_REQUEST'),
  standard('OFPET_BAD_ACTION'),
  standard('OFPET_BAD_INSTRUCTION'),
  standard('OFPET_BAD_MATCH'),
  standard('OFPET_FLOW_MOD_FAILED'),
  standard('OFPET_GROUP_MOD_FAILED'),
  standard('OFPET_PORT_MOD_FAILED'),
  standard('OFPET_TABLE_MOD_FAILED'),
  standard('OFPET_QUEUE_OP_FAILED'),
  standard('OFPET_SWITCH_CONFIG_FAILED'),
  standard('OFPET_ROLE_REQUEST_FAILED'),
  standard('OFPET_METER_MOD_FAILED'),
  standard('OFPET_TABLE_FEATURES_FAILED'),
  vendor(experimenters.nicira, niciraErrors),
  vendor(experimenters.onf, onfErrors),
  message('OFPT_ERROR', error_type, {
    error_type: literal(u16, 0xffff, 'OFPET_EXPERIMENTER'),
    exp_type: u16,
    experimenter: u32,
    data: rest,
  }),
  anyVersion('OFPT_ERROR', error_type, { error_type: u16, code: u16, data: rest }),
] as const
