import {
  constant,
  type Fields,
  flags,
  literal,
  ownLength,
  pad,
  struct,
  u8,
  u16,
  u32,
} from '../../wire/index.ts'
import { experimenters } from '../numbers.ts'

/** The version number of OpenFlow 1.3 on the wire. */
const version13 = 4

/** A message of OpenFlow 1.3: `[version u8][type u8][length u16][xid u32]` and fields (OpenFlow 1.3.5, §7.1). */
export const message = <const S extends string, const F extends Fields>(name: S, type: number, fields: F) =>
  struct({
    version: literal(u8, version13, version13),
    type: literal(u8, type, name),
    length: ownLength,
    xid: u32,
    ...fields,
  })

/** A message that is the same in every version of OpenFlow. */
export const anyVersion = <const S extends string, const F extends Fields>(
  name: S,
  type: number,
  fields: F,
) => struct({ version: u8, type: literal(u8, type, name), length: ownLength, xid: u32, ...fields })

const experimenterType = 4

const extension = <const S extends string, const F extends Fields>(
  experimenter: number,
  name: S,
  expType: number,
  fields: F,
) =>
  message(name, experimenterType, {
    experimenter: constant(u32, experimenter),
    exp_type: constant(u32, expType),
    ...fields,
  })

/** A message that Nicira defines (Open vSwitch, nicira-ext.h). */
export const nicira = <const S extends string, const F extends Fields>(name: S, expType: number, fields: F) =>
  extension(experimenters.nicira, name, expType, fields)
/** A message that an ONF extension to OpenFlow 1.3 defines. */
export const onf = <const S extends string, const F extends Fields>(name: S, expType: number, fields: F) =>
  extension(experimenters.onf, name, expType, fields)

export const requestFlags = flags(u16, { OFPMPF_REQ_MORE: 1 })
export const replyFlags = flags(u16, { OFPMPF_REPLY_MORE: 1 })

const multipartRequest = 18
const multipartReply = 19
const multipartExperimenter = 0xffff

/** `[type u16][flags u16][pad 4]` and a body (OpenFlow 1.3.5, §7.3.5). */
export const request = <const S extends string, const F extends Fields>(name: S, type: number, body: F) =>
  message('OFPT_MULTIPART_REQUEST', multipartRequest, {
    multipart_type: literal(u16, type, name),
    flags: requestFlags,
    pad: pad(4),
    ...body,
  })
export const reply = <const S extends string, const F extends Fields>(name: S, type: number, body: F) =>
  message('OFPT_MULTIPART_REPLY', multipartReply, {
    multipart_type: literal(u16, type, name),
    flags: replyFlags,
    pad: pad(4),
    ...body,
  })

/** The same with `[experimenter u32][exp_type u32]` before the body. */
const extended = (experimenter: number, expType: number) => ({
  experimenter: constant(u32, experimenter),
  exp_type: constant(u32, expType),
})
export const experimenterRequest = <const S extends string, const F extends Fields>(
  experimenter: number,
  name: S,
  expType: number,
  body: F,
) => request(name, multipartExperimenter, { ...extended(experimenter, expType), ...body })
export const experimenterReply = <const S extends string, const F extends Fields>(
  experimenter: number,
  name: S,
  expType: number,
  body: F,
) => reply(name, multipartExperimenter, { ...extended(experimenter, expType), ...body })
