/**
 * A group that a unit wants. Without selection methods: Open vSwitch 3.1 neither takes nor tells them over OpenFlow 1.3
 * (it refuses NXT_GROUP_MOD and NXST_GROUP_DESC there).
 */
import type { Group, Unit } from '../flow.ts'
import { writeCanonicalActions } from './actions.ts'
import { encodeOnce } from './encode.ts'
import { describeActions } from './flow-text.ts'
import { groupMod, u16 } from './layout.ts'
import type { Piece } from './piece.ts'
import { writer } from './writer.ts'

const bucketHeaderLength = 16

/** Type and buckets: everything but the number. */
export function groupBody(bytes: Uint8Array, type: number, buckets: number, end: number): string {
  const out = writer.reset().u8(bytes[type]!)
  for (let at = buckets; at + bucketHeaderLength <= end; ) {
    const length = Math.max(bucketHeaderLength, u16(bytes, at))
    // Weight, watch_port, watch_group.
    out.copy(bytes, at + 2, at + 12)
    writeCanonicalActions(bytes, at + bucketHeaderLength, at + length, out)
    // Ends the bucket: no action begins so.
    out.u32(0xffffffff)
    at += length
  }
  return out.toString()
}

export class GroupPiece implements Piece {
  readonly key: string
  readonly body: string
  /** The group_mod that adds it (OFPGC_ADD, xid 0). */
  readonly bytes: Uint8Array

  readonly unit: Unit
  readonly group: Group

  /** Throws where the group cannot be encoded. */
  constructor(unit: Unit, group: Group) {
    this.unit = unit
    this.group = group
    this.bytes = encodeOnce({
      version: 4,
      type: 'OFPT_GROUP_MOD',
      xid: 0,
      command: 'OFPGC_ADD',
      group_type: group.type,
      group_id: group.group_id,
      buckets: group.buckets.map(({ weight, actions }) => ({
        weight: weight ?? 0,
        watch_port: 'OFPP_ANY',
        watch_group: 'OFPG_ANY',
        actions,
      })),
    })
    this.key = String(group.group_id)
    this.body = groupBody(this.bytes, groupMod.type, groupMod.buckets, this.bytes.length)
  }

  /** For people. */
  get text(): string {
    const { group_id, type, buckets } = this.group
    return `group ${group_id} ${type} ${buckets.map(({ actions }) => `[${describeActions(actions)}]`).join('')}`
  }
}
