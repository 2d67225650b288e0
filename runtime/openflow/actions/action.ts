import { constant, type Fields, literal, ownLength, struct, u16, u32 } from '../../wire/index.ts'
import { experimenters } from '../numbers.ts'

/** `[type u16][len u16]` and fields (OpenFlow 1.3.5, §7.2.5). */
export const action = <const S extends string, const F extends Fields>(name: S, type: number, fields: F) =>
  struct({ type: literal(u16, type, name), len: ownLength, ...fields })

const extension = <const S extends string, const F extends Fields>(
  experimenter: number,
  name: S,
  subtype: number,
  fields: F,
) =>
  struct({
    type: literal(u16, 0xffff, name),
    len: ownLength,
    experimenter: constant(u32, experimenter),
    subtype: constant(u16, subtype),
    ...fields,
  })

/** `[0xffff u16][len u16][0x2320 u32][subtype u16]` and fields (ovs-actions(7)). */
export const nicira = <const S extends string, const F extends Fields>(name: S, subtype: number, fields: F) =>
  extension(experimenters.nicira, name, subtype, fields)

/** The same with ONF's number. */
export const onf = <const S extends string, const F extends Fields>(name: S, subtype: number, fields: F) =>
  extension(experimenters.onf, name, subtype, fields)
