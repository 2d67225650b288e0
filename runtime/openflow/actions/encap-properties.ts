/** Properties of the encap action: `[class u16][type u8][length u8]`, padded to a multiple of 8. */
import {
  align,
  constant,
  lengthOf,
  literal,
  ownLength8,
  rest,
  struct,
  u8,
  u16,
  union,
} from '../../wire/index.ts'

const nshClass = 4

export const encapProperty = union('encap property', [
  struct(
    {
      prop_class: constant(u16, nshClass),
      type: literal(u8, 1, 'OFPPPT_PROP_NSH_MDTYPE'),
      len: ownLength8,
      md_type: u8,
    },
    { outerAlign: 8 },
  ),
  struct(
    {
      prop_class: constant(u16, nshClass),
      type: literal(u8, 2, 'OFPPPT_PROP_NSH_TLV'),
      len: ownLength8,
      tlv_class: u16,
      tlv_type: u8,
      tlv_len: lengthOf('data', 1),
      data: rest,
      pad: align(8),
    },
    { outerAlign: 8 },
  ),
  struct({ prop_class: u16, type: u8, len: ownLength8, data: rest }, { outerAlign: 8 }),
])
