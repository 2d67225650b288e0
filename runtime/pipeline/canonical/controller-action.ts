/**
 * The canonical form of NXAST_CONTROLLER2: its properties in the order of their types, those that say what holds anyway
 * left out. Open vSwitch gives a property of two bytes the length of four.
 */
import { roundUp8, u16, u32 } from './layout.ts'
import type { Writer } from './writer.ts'

/** NXAC2PT_*. */
const types = { maxLen: 0, controllerId: 1, reason: 2, userdata: 3, pause: 4, meterId: 5 } as const
const typesMax = types.meterId

/** What holds where a property is not there: the whole packet, controller 0, OFPR_ACTION, no meter. */
const defaults = { maxLen: 0xffff, controllerId: 0, reason: 1, meterId: 0xffffffff } as const

const headerLength = 4

/** Appends the properties in `bytes[start, end)`; each begins with its type and length and is padded to 8 bytes. */
export function writeControllerProperties(bytes: Uint8Array, start: number, end: number, out: Writer): void {
  for (let type = 0; type <= typesMax; type++)
    for (let at = start; at + headerLength <= end; at += stepAt(bytes, at))
      if (u16(bytes, at) === type) writeProperty(bytes, at, type, out)
  for (let at = start; at + headerLength <= end; at += stepAt(bytes, at))
    if (u16(bytes, at) > typesMax) out.copy(bytes, at, Math.min(end, at + u16(bytes, at + 2)))
}

/** Never less than a header, whatever the length says. */
const stepAt = (bytes: Uint8Array, at: number): number => roundUp8(Math.max(headerLength, u16(bytes, at + 2)))

function writeProperty(bytes: Uint8Array, at: number, type: number, out: Writer): void {
  const value = at + headerLength
  const end = at + u16(bytes, at + 2)
  if (type === types.maxLen) writeNumber(type, u16(bytes, value), defaults.maxLen, out)
  else if (type === types.controllerId) writeNumber(type, u16(bytes, value), defaults.controllerId, out)
  else if (type === types.reason) writeNumber(type, bytes[value]!, defaults.reason, out)
  else if (type === types.meterId) writeNumber(type, u32(bytes, value), defaults.meterId, out)
  else {
    out.u16(type).u16(end - value)
    out.copy(bytes, value, end)
  }
}

function writeNumber(type: number, value: number, otherwise: number, out: Writer): void {
  if (value !== otherwise) out.u16(type).u32(value)
}
