/** What a switch answered when asked for its flows, groups and meters: read in place, compared by canonical form. */

import { failure, type Problem, type Result, success } from '../../problem.ts'
import { flowModOf, flowOf } from '../canonical/flow-bytes.ts'
import { flowBody, flowKey } from '../canonical/flow-form.ts'
import { groupBody } from '../canonical/group-piece.ts'
import { flowStats, groupDesc, meterConfig, u16, u32 } from '../canonical/layout.ts'
import { meterBody } from '../canonical/meter-piece.ts'
import type { Flow } from '../flow.ts'

/** One entry of a description, in the bytes of the reply that it came in. */
export class SwitchFlow {
  readonly key: string

  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes
    this.start = start
    this.end = end
    this.key = flowKey(bytes, start, this.table, this.priority)
  }

  get table(): number {
    return this.bytes[this.start + flowStats.table]!
  }

  get priority(): number {
    return u16(this.bytes, this.start + flowStats.priority)
  }

  get cookie(): bigint {
    return (
      (BigInt(u32(this.bytes, this.start + flowStats.cookie)) << 32n) |
      BigInt(u32(this.bytes, this.start + flowStats.cookie + 4))
    )
  }

  /** How many packets it has matched. */
  get packets(): number {
    return u64(this.bytes, this.start + flowStats.packets)
  }

  get byteCount(): number {
    return u64(this.bytes, this.start + flowStats.byteCount)
  }

  /** How long the switch has had it. */
  get seconds(): number {
    return u32(this.bytes, this.start + flowStats.seconds)
  }

  /** For people; undefined where it cannot be read. */
  get flow(): Flow | undefined {
    return flowOf(flowModOf(this.bytes, this.start, this.end))
  }

  /** Not kept: one compares it once. */
  get body(): string {
    return flowBody(this.bytes, this.start, this.end, flowStats)
  }
}

/** Exact up to 2^53. */
const u64 = (bytes: Uint8Array, at: number) => u32(bytes, at) * 2 ** 32 + u32(bytes, at + 4)

/** A group or a meter. */
export interface SwitchObject {
  readonly key: string
  readonly body: string
}

export interface SwitchTables {
  /** Made while they are gone through, since there may be many; goes through once. */
  readonly flows: Iterable<SwitchFlow>
  readonly groups: readonly SwitchObject[]
  readonly meters: readonly SwitchObject[]
}

/** Bytes of a multipart reply before its body. OpenFlow 1.3.5, section 7.3.5. */
const bodyOffset = 16
const flowEntryBytesMin = 56
const objectBytesMin = 8

/** Where an entry has a length that cannot be: what follows cannot be read, and may be anything. */
function wrongLength(what: string, replies: readonly Uint8Array[], least: number): Problem | undefined {
  for (const bytes of replies)
    for (let start = bodyOffset; start < bytes.length; ) {
      const length = start + 2 <= bytes.length ? u16(bytes, start) : 0
      if (length < least || start + length > bytes.length)
        return {
          what: `an entry of the switch's ${what} has a wrong length`,
          where: `byte ${start}`,
          expected: `${least} to ${bytes.length - start}`,
          received: `${length}`,
        }
      start += length
    }
  return undefined
}

type Replies = Result<readonly Uint8Array[]>

/** From whole replies of types OFPMP_FLOW, OFPMP_GROUP_DESC and OFPMP_METER_CONFIG; the first problem, where there is one. */
export function switchTables(flows: Replies, groups: Replies, meters: Replies): Result<SwitchTables> {
  if (!flows.ok) return flows
  if (!groups.ok) return groups
  if (!meters.ok) return meters
  const wrong =
    wrongLength('flows', flows.value, flowEntryBytesMin) ??
    wrongLength('groups', groups.value, objectBytesMin) ??
    wrongLength('meters', meters.value, objectBytesMin)
  if (wrong !== undefined) return failure(wrong)
  return success({
    flows: switchFlows(flows.value),
    groups: switchGroups(groups.value),
    meters: switchMeters(meters.value),
  })
}

/** Every entry of the replies; it begins with its length. A wrong length ends its reply: see `wrongLength`. */
function* entries(
  replies: readonly Uint8Array[],
  least: number,
): Iterable<readonly [bytes: Uint8Array, start: number, end: number]> {
  for (const bytes of replies)
    for (let start = bodyOffset; start + least <= bytes.length; ) {
      const end = start + u16(bytes, start)
      if (end < start + least || end > bytes.length) break
      yield [bytes, start, end]
      start = end
    }
}

/** From whole replies of type OFPMP_FLOW. */
export function* switchFlows(replies: readonly Uint8Array[]): Iterable<SwitchFlow> {
  for (const [bytes, start, end] of entries(replies, flowEntryBytesMin))
    yield new SwitchFlow(bytes, start, end)
}

/** From whole replies of type OFPMP_GROUP_DESC. */
export const switchGroups = (replies: readonly Uint8Array[]): readonly SwitchObject[] =>
  Array.from(entries(replies, objectBytesMin), ([bytes, start, end]) => ({
    key: String(u32(bytes, start + groupDesc.groupId)),
    body: groupBody(bytes, start + groupDesc.type, start + groupDesc.buckets, end),
  }))

/** From whole replies of type OFPMP_METER_CONFIG. */
export const switchMeters = (replies: readonly Uint8Array[]): readonly SwitchObject[] =>
  Array.from(entries(replies, objectBytesMin), ([bytes, start, end]) => ({
    key: String(u32(bytes, start + meterConfig.meterId)),
    body: meterBody(bytes, start + meterConfig.flags, start + meterConfig.bands, end),
  }))
