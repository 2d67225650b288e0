/** Where a field of a pipeline lies in a packet: a packet field, or bits of a register. */
import { bitsOf, isHeader } from './fields.ts'
import { type Registers, widthOf } from './registers.ts'

export interface Place {
  readonly field: string
  readonly offset: number
  readonly bits: number
}

/** Throws a RangeError for a name that is none. */
export function placeOf(registers: Registers, name: string): Place {
  const register = registers[name]
  if (register !== undefined)
    return { field: `reg${register.bits[0]}`, offset: register.bits[1], bits: widthOf(register) }
  if (!isHeader(name)) throw new RangeError(`no field ${name}`)
  return { field: name, offset: 0, bits: bitsOf(name) }
}
