/** What flow functions give and the engine carries to switches and bridges, as plain values. */
import type { Encapsulation } from '../../db/schema/words.ts'
import type { State } from '../../db/state/types.ts'

/** As the codec has it; words of bits are lists of their names, or of numbers. */
type FieldValue = number | bigint | string | readonly (string | number)[]

/** One field of a match, by its name in `ovs-ofctl` and the specification, in lower case; without a mask it is exact. */
export interface MatchField {
  readonly field: string
  readonly value: FieldValue
  readonly mask?: FieldValue
}

/** In the order of `canonicalFields`; no field twice. */
export type Match = readonly MatchField[]

/** An action by its name in the specification (`OFPAT_OUTPUT`, `NXAST_REG_MOVE`, …) with the fields that the codec writes. */
export type Action = { readonly type: string } & { readonly [field: string]: unknown }

export type Instruction =
  | { readonly type: 'OFPIT_GOTO_TABLE'; readonly table_id: number }
  | { readonly type: 'OFPIT_APPLY_ACTIONS'; readonly actions: readonly Action[] }
  | { readonly type: 'OFPIT_WRITE_ACTIONS'; readonly actions: readonly Action[] }
  | { readonly type: 'OFPIT_CLEAR_ACTIONS' }
  | { readonly type: 'OFPIT_WRITE_METADATA'; readonly metadata: bigint; readonly metadata_mask: bigint }
  | { readonly type: 'OFPIT_METER'; readonly meter_id: number }

/** A flow's identity on a switch is table, priority and match. */
export interface Flow {
  readonly table: number
  readonly priority: number
  /** 16 bits of feature or punt point, 48 bits of object id; never 0. */
  readonly cookie: bigint
  readonly match: Match
  readonly instructions: readonly Instruction[]
  readonly idle_timeout?: number
  readonly hard_timeout?: number
  readonly flags?: readonly string[]
  /**
   * This flow stands for who has a zone of connection tracking, 1 to 65535: wherever it is put, what others have left
   * in the zone is forgotten first.
   */
  readonly claimsZone?: number
}

export interface MeterBand {
  readonly type: 'OFPMBT_DROP'
  readonly rate: number
  readonly burst_size: number
}

/** As in `OFPT_METER_MOD`: `meter_id`, flags by name (`OFPMF_PKTPS`, `OFPMF_BURST`), bands. */
export interface Meter {
  readonly meter_id: number
  readonly flags: readonly string[]
  readonly bands: readonly MeterBand[]
}

export interface Bucket {
  readonly weight?: number
  readonly actions: readonly Action[]
}

/** As in `OFPT_GROUP_MOD`. */
export interface Group {
  readonly group_id: number
  readonly type: 'OFPGT_ALL' | 'OFPGT_SELECT' | 'OFPGT_INDIRECT'
  readonly buckets: readonly Bucket[]
}

/** A port that Open vSwitch is to have: the columns of its Interface row. */
export interface TunnelPort {
  readonly name: string
  readonly type: Encapsulation
  readonly options: Readonly<Record<string, string>>
}

/** One piece of a datapath's flows: a feature (a flow function) and the object that it is about. */
export interface Unit {
  readonly feature: string
  readonly datapathId: number
  readonly objectId: number
}

/** Units of one feature on the datapath of the unit that names them. */
export interface UnitList {
  readonly feature: string
  readonly objectIds: readonly number[]
}

export interface FlowOutput {
  readonly flows: readonly Flow[]
  readonly meters?: readonly Meter[]
  readonly groups?: readonly Group[]
  readonly tunnelPorts?: readonly TunnelPort[]
  /** The name of the port to the physical network, for the bridge to remember; one for a datapath. */
  readonly uplink?: string
  /** Units whose output belongs to the datapath as long as this one names them. */
  readonly children?: readonly Unit[]
  /** The same for many of a kind, of which mostly one comes or goes: only that one costs anything. */
  readonly lists?: readonly UnitList[]
}

/** Pure: the same unit on the same state gives the same output; what it reads of the state is what it depends on. */
export type FlowFunction = (unit: Unit, state: State) => FlowOutput
