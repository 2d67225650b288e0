/** Messages made from bytes that are already there: nothing is encoded twice. */
import { flowModType } from '../canonical/flow-bytes.ts'
import {
  flowCommand,
  flowMod,
  groupCommand,
  groupMod,
  matchOffset,
  meterCommand,
  meterMod,
  roundUp8,
  setU16,
  setU32,
  u16,
} from '../canonical/layout.ts'

const version13 = 4
const groupModType = 15
const meterModType = 29
const anyPortOrGroup = 0xffffffff
const noBuffer = 0xffffffff
const bufferIdOffset = 32

function message(type: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes[0] = version13
  bytes[1] = type
  setU16(bytes, 2, length)
  return bytes
}

/** OFPFC_DELETE_STRICT of the flow with the match at `start + matchOffset`. */
export function deleteFlow(from: Uint8Array, start: number, table: number, priority: number): Uint8Array {
  const matchLength = roundUp8(u16(from, start + matchOffset + 2))
  const bytes = message(flowModType, matchOffset + matchLength)
  bytes[flowMod.table] = table
  bytes[flowMod.command] = flowCommand.deleteStrict
  setU16(bytes, flowMod.priority, priority)
  setU32(bytes, bufferIdOffset, noBuffer)
  setU32(bytes, flowMod.outPort, anyPortOrGroup)
  setU32(bytes, flowMod.outGroup, anyPortOrGroup)
  bytes.set(from.subarray(start + matchOffset, start + matchOffset + matchLength), matchOffset)
  return bytes
}

/** The group_mod that adds a group, as one that changes it where there is one already. */
export function groupMessage(bytes: Uint8Array, exists: boolean): Uint8Array {
  const copy = bytes.slice()
  setU16(copy, groupMod.command, exists ? groupCommand.modify : groupCommand.add)
  return copy
}

/** Deletes a group, and with it every flow that outputs to it. */
export function deleteGroup(groupId: number): Uint8Array {
  const bytes = message(groupModType, groupMod.buckets)
  setU16(bytes, groupMod.command, groupCommand.delete)
  setU32(bytes, groupMod.groupId, groupId)
  return bytes
}

/** The meter_mod that adds a meter, as one that changes it where there is one already. */
export function meterMessage(bytes: Uint8Array, exists: boolean): Uint8Array {
  const copy = bytes.slice()
  setU16(copy, meterMod.command, exists ? meterCommand.modify : meterCommand.add)
  return copy
}

/** Deletes a meter, and with it every flow that uses it. */
export function deleteMeter(meterId: number): Uint8Array {
  const bytes = message(meterModType, meterMod.bands)
  setU16(bytes, meterMod.command, meterCommand.delete)
  setU32(bytes, meterMod.meterId, meterId)
  return bytes
}
