/** Instructions (OpenFlow 1.3.5, §7.2.4). */
import {
  type Fields,
  type Infer,
  list,
  literal,
  ownLength,
  pad,
  rest,
  struct,
  u8,
  u16,
  u32,
  u64,
  union,
} from '../wire/index.ts'
import { action } from './actions/index.ts'
import { meter } from './numbers.ts'

const make = <const S extends string, const F extends Fields>(name: S, type: number, fields: F) =>
  struct({ type: literal(u16, type, name), len: ownLength, ...fields })

export const actions = list(action)

export const instruction = union('instruction', [
  make('OFPIT_GOTO_TABLE', 1, { table_id: u8, pad: pad(3) }),
  make('OFPIT_WRITE_METADATA', 2, { pad: pad(4), metadata: u64, metadata_mask: u64 }),
  make('OFPIT_WRITE_ACTIONS', 3, { pad: pad(4), actions }),
  make('OFPIT_APPLY_ACTIONS', 4, { pad: pad(4), actions }),
  make('OFPIT_CLEAR_ACTIONS', 5, { pad: pad(4) }),
  make('OFPIT_METER', 6, { meter_id: meter }),
  make('OFPIT_EXPERIMENTER', 0xffff, { experimenter: u32, data: rest }),
  struct({ type: u16, len: ownLength, data: rest }),
])
export const instructions = list(instruction)

export type Instruction = Infer<typeof instruction>
