import { constant, type Fields, literal, ownLength, rest, struct, u16, u32 } from '../wire/index.ts'

/** Properties: `[type u16][length u16]`, fields, and zeros up to a multiple of 8 that the length does not count. */
export const property = <const S extends string, const F extends Fields>(name: S, type: number, fields: F) =>
  struct({ type: literal(u16, type, name), length: ownLength, ...fields }, { outerAlign: 8 })

/** A property of an experimenter that is known. */
export const experimenterProperty = <const S extends string, const F extends Fields>(
  name: S,
  type: number,
  experimenter: number,
  expType: number,
  fields: F,
) =>
  struct(
    {
      type: literal(u16, type, name),
      length: ownLength,
      experimenter: constant(u32, experimenter),
      exp_type: constant(u32, expType),
      ...fields,
    },
    { outerAlign: 8 },
  )

/** A property of no known type. */
export const unknownProperty = struct({ type: u16, length: ownLength, data: rest }, { outerAlign: 8 })
