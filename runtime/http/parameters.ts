/** Parameters of API operations as valibot schemas: what a text, a number, an address may be. */
import * as v from 'valibot'
import { parseIpv4, parseMac } from '../packet/address.ts'
import { formatIpv6, parseIpv6 } from '../packet/ipv6-address.ts'
import { uuidForm } from './errors.ts'

/** Longest text of a parameter, in characters. */
const textLengthMax = 255

const printable = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u

/** One line of text. No control characters: a terminal would obey them, and SQLite ends text at NUL. */
export const text = v.pipe(
  v.string(),
  v.maxLength(textLengthMax, `must be at most ${textLengthMax} characters long`),
  v.check((value) => printable.test(value), 'must be text without control characters'),
)

export const flag = v.boolean()

const rangeText = (least: number, most: number) =>
  most === Number.MAX_SAFE_INTEGER ? `must be at least ${least}` : `must be ${least} to ${most}`

/** A whole number from `least` to `most`. */
export const integer = (least: number, most: number) =>
  v.pipe(
    v.number('must be an integer'),
    v.integer('must be an integer'),
    v.minValue(least, rangeText(least, most)),
    v.maxValue(most, rangeText(least, most)),
  )

/** One of some words. */
export const oneOf = <const Options extends readonly [string, ...string[]]>(options: Options) =>
  v.picklist(options, `must be one of ${options.join(', ')}`)

/** The uuid of a new object: the prefix, a hyphen and up to 16 letters and digits. */
export const newUuid = (model: string, prefix: string) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^${prefix}-[a-z0-9]{1,16}$`)),
    v.metadata({ model, prefix }),
    v.description(`${uuidForm(prefix)}; made up where it is not given`),
  )

/** The uuid of an object that exists. */
export const uuidOf = (model: string, prefix: string) =>
  v.pipe(
    v.string(),
    v.maxLength(64),
    v.regex(new RegExp(`^${prefix}-\\w+$`)),
    v.metadata({ model, prefix, existing: true }),
    v.description(`uuid of a ${model}`),
  )

/** A text that means something else, or what it must be: `must be …`. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string }

/** A text that a function of its own reads. */
export const parsed = <T>(parse: (text: string) => Parsed<T>) =>
  v.pipe(
    v.string(),
    v.rawTransform(({ dataset, addIssue, NEVER }): T => {
      const result = parse(dataset.value)
      if ('value' in result) return result.value
      addIssue({ message: result.problem })
      return NEVER
    }),
  )

/** `10.0.0.0` or `10.0.0.0/24`. */
function readIpv4(text: string): Parsed<{ readonly address: number; readonly prefix: number | undefined }> {
  const [written = '', prefix] = text.split('/', 2)
  const address = parseIpv4(written)
  if (address === null || (prefix !== undefined && !/^([12]?\d|3[0-2])$/.test(prefix)))
    return { problem: 'must be an IPv4 address, a.b.c.d or a.b.c.d/n with n up to 32' }
  return { value: { address, prefix: prefix === undefined ? undefined : Number(prefix) } }
}

/** An IPv4 address as text; a uint32 once it is validated. A prefix length after a slash is allowed, and dropped. */
export const ipv4 = v.pipe(
  parsed((text) => {
    const read = readIpv4(text)
    return 'value' in read ? { value: read.value.address } : read
  }),
  v.metadata({ format: 'ipv4' }),
  v.description('an IPv4 address, a.b.c.d'),
)

/** A network's address as text, with or without its prefix length; both as numbers once it is validated. */
export const ipv4Network = v.pipe(
  parsed(readIpv4),
  v.description('the address of a network, a.b.c.d or a.b.c.d/n'),
)

interface WrittenIpv6 {
  readonly address: string
  readonly prefix: number | undefined
}

/** `2001:db8::` or `2001:db8::/64`. */
function readIpv6(text: string): Parsed<WrittenIpv6> {
  const [written = '', prefix] = text.split('/', 2)
  const address = parseIpv6(written)
  if (address === null || (prefix !== undefined && !/^(\d?\d|1[01]\d|12[0-8])$/.test(prefix)))
    return { problem: 'must be an IPv6 address, as 2001:db8::1 or 2001:db8::/n with n up to 128' }
  return {
    value: { address: formatIpv6(address), prefix: prefix === undefined ? undefined : Number(prefix) },
  }
}

/** An IPv6 address; as RFC 5952 writes it once it is validated. A prefix length after a slash is allowed, and dropped. */
export const ipv6 = v.pipe(
  parsed((text) => {
    const read = readIpv6(text)
    return 'value' in read ? { value: read.value.address } : read
  }),
  v.metadata({ format: 'ipv6' }),
  v.description('an IPv6 address'),
)

/** The address of an IPv6 network, with or without its prefix length. */
export const ipv6Network = v.pipe(
  parsed(readIpv6),
  v.description('the address of an IPv6 network, with or without /n'),
)

/** The same, or empty text: none. */
export const ipv6NetworkOrNone = v.pipe(
  parsed((text): Parsed<WrittenIpv6 | null> => (text === '' ? { value: null } : readIpv6(text))),
  v.description('the address of an IPv6 network, with or without /n; empty for none'),
)

/** A MAC address as text; a uint48 once it is validated. */
export const mac = v.pipe(
  parsed((text) => {
    const value = parseMac(text)
    return value === null ? { problem: 'must be a MAC address, xx:xx:xx:xx:xx:xx' } : { value }
  }),
  v.metadata({ format: 'mac' }),
  v.description('a MAC address, xx:xx:xx:xx:xx:xx'),
)

/** Most items that one page of a list has. */
const pageLimitMax = 10_000
const pageLimitDefault = 30

/** The parameters of every list. */
export const optional = v.optional
export const described = <S extends v.GenericSchema>(schema: S, text: string) =>
  v.pipe(schema, v.description(text))

export const paging = {
  limit: v.pipe(
    v.optional(integer(1, pageLimitMax), pageLimitDefault),
    v.description('how many items to answer at most'),
  ),
  offset: v.pipe(
    v.optional(integer(0, Number.MAX_SAFE_INTEGER), 0),
    v.description('how many items to leave out before'),
  ),
}
