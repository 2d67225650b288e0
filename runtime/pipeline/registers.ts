/** Registers by name: a packet's own variables on its way through the tables. */

/** Open vSwitch has 16 registers of 32 bits (ovs-fields(7)). */
export const registerCount = 16
const registerBits = 32

export interface RegisterField {
  /** Register, first bit, last bit. */
  readonly bits: readonly [register: number, from: number, to: number]
  /** What it holds, and from where to where. */
  readonly note: string
  /** Marks: the values that it may have, by name. Without them it holds a number. */
  readonly values?: Readonly<Record<string, number>>
}

export type Registers = Readonly<Record<string, RegisterField>>

/** A packet that was punted, as far as this goes. */
export interface HasRegisters {
  /** The 32 bits of register 0 to 15. */
  register(number: number): number
}

export const widthOf = ({ bits: [, from, to] }: RegisterField) => to - from + 1
/** As a number: `<<` would be signed at bit 31. */
const maximumOf = (field: RegisterField) => 2 ** widthOf(field) - 1

function checkRange(name: string, { bits: [register, from, to] }: RegisterField): void {
  const exists = register >= 0 && register < registerCount && from >= 0 && to < registerBits && from <= to
  if (!exists) throw new RangeError(`${name}: reg${register}[${from}..${to}] does not exist`)
}

function checkMarks(name: string, field: RegisterField): void {
  const seen = new Map<number, string>()
  for (const [mark, value] of Object.entries(field.values ?? {})) {
    if (!Number.isInteger(value) || value < 0 || value > maximumOf(field))
      throw new RangeError(`${name}: mark ${mark} = ${value} does not fit in ${widthOf(field)} bits`)
    const other = seen.get(value)
    if (other !== undefined) throw new RangeError(`${name}: marks ${other} and ${mark} are both ${value}`)
    seen.set(value, mark)
  }
}

/** Checks that every field exists, overlaps no other, and can hold its marks. Throws a RangeError that names what is wrong. */
export function declareRegisters<const R extends Registers>(fields: R): R {
  const owners = new Map<string, string>()
  for (const [name, field] of Object.entries(fields)) {
    checkRange(name, field)
    checkMarks(name, field)
    const [register, from, to] = field.bits
    for (let bit = from; bit <= to; bit++) {
      const place = `reg${register}[${bit}]`
      const other = owners.get(place)
      if (other !== undefined) throw new RangeError(`${name} overlaps ${other} at ${place}`)
      owners.set(place, name)
    }
  }
  return fields
}

/** A field's value in place, and the mask of its bits, both uint32. */
export function placed(
  name: string,
  field: RegisterField,
  value: number | string,
): { value: number; mask: number } {
  const number = numberOf(name, field, value)
  const shift = 2 ** field.bits[1]
  return { value: number * shift, mask: maximumOf(field) * shift }
}

/** The same of some bits of a field. Throws a RangeError for a value beyond its mask. */
export function placedBits(
  name: string,
  field: RegisterField,
  { value, mask }: { readonly value: number; readonly mask: number },
): { value: number; mask: number } {
  if ((value & ~mask) !== 0) throw new RangeError(`${name} cannot be ${value} under the mask ${mask}`)
  return { value: placed(name, field, value).value, mask: placed(name, field, mask).value }
}

/** What a field holds in the registers of a packet. */
export const readField = (field: RegisterField, packet: HasRegisters): number =>
  Math.floor(packet.register(field.bits[0]) / 2 ** field.bits[1]) % (maximumOf(field) + 1)

/** The number behind a mark, or the number itself. Throws a RangeError when the field cannot hold it. */
export function numberOf(name: string, field: RegisterField, value: number | string): number {
  const number = typeof value === 'string' ? field.values?.[value] : value
  if (number === undefined || !Number.isInteger(number) || number < 0 || number > maximumOf(field))
    throw new RangeError(`${name} cannot be ${value}`)
  return number
}
