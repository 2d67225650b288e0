/** What single values of answers may be, and how rows have them. `about` says what a field means. */
import * as v from 'valibot'
import { formatIpv4, formatMac } from '../../packet/address.ts'
import type { Field, Picked } from './field.ts'

const same = <T>(value: T): T => value
const plain = <T>(schema: v.GenericSchema<T>, about: string): Field<T, T> => ({
  schema: v.pipe(schema, v.description(about)),
  show: same,
})

export const text = (about: string) => plain(v.string(), about)
export const flag = (about: string) => plain(v.boolean(), about)

/** A whole number from `least` to `most`. */
export const integer = (least: number, most: number, about: string) =>
  plain(v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most)), about)

/** A whole number without an upper end. */
export const atLeast = (least: number, about: string) =>
  plain(v.pipe(v.number(), v.integer(), v.minValue(least)), about)

/** How many there are. */
export const count = (about: string) => atLeast(0, about)

/** The number of a row. */
export const id = (about: string) => atLeast(1, about)

/** One of some words. */
export const oneOf = <const Options extends readonly [string, ...string[]]>(
  options: Options,
  about: string,
) => plain(v.picklist(options), about)

/** A text of a form. */
export const matching = (pattern: RegExp, about: string) => plain(v.pipe(v.string(), v.regex(pattern)), about)

/** The uuid of an object. */
export const uuid = (prefix: string, about: string) => matching(new RegExp(`^${prefix}-\\w+$`), about)

/** Always the same. */
const always = <T>(schema: v.GenericSchema<T>, value: T, about: string): Picked<unknown, T> => ({
  schema: v.pipe(schema, v.description(about)),
  show: () => value,
  of: 'source',
})
export const alwaysNull = (about: string) => always(v.null(), null, about)
export const always0 = (about: string) => always(v.literal(0), 0, about)

/** An IPv4 address, a uint32 in rows, as text. */
export const ipv4 = (about: string): Field<number, string> => ({
  schema: v.pipe(v.string(), v.ipv4(), v.description(about)),
  show: formatIpv4,
})
/** An IPv4 address as an integer. */
export const ipv4Integer = (about: string) => integer(0, 2 ** 32 - 1, about)

/** An IPv6 address, text in rows as well. */
export const ipv6 = (about: string): Field<string, string> => ({
  schema: v.pipe(v.string(), v.ipv6(), v.description(about)),
  show: same,
})

/** A MAC address, a uint48 in rows, as text. */
export const mac = (about: string): Field<number, string> => ({
  schema: v.pipe(v.string(), v.regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/), v.description(about)),
  show: formatMac,
})
/** A MAC address as an integer. */
export const macInteger = (about: string) => integer(0, 2 ** 48 - 1, about)

/** A moment, milliseconds since 1970 in rows, as OpenVNet answers it: `2026-11-22 10:37:25 UTC`. */
export const time = (about: string): Field<number, string> => ({
  schema: v.pipe(
    v.string(),
    v.regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
    v.description(about),
    v.examples(['2026-11-22 10:37:25 UTC']),
  ),
  show: (moment, { times }) => times.of(moment),
})
