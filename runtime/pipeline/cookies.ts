/** A flow's cookie says who made it: 16 bits of feature or punt point, 48 bits of the object's id. Never 0. */

const objectBits = 48
const codeMax = 0xffff

export interface Code {
  /** 1 to 65535. */
  readonly code: number
  readonly note: string
}

/** Gives each code its name. Throws a RangeError when a code is out of range or taken, in this or an earlier declaration of `others`. */
export function declareCodes<const C extends Readonly<Record<string, Code>>>(
  codes: C,
  ...others: readonly Readonly<Record<string, Code>>[]
): { readonly [N in keyof C & string]: { readonly name: N; readonly code: number; readonly note: string } } {
  const owners = new Map<number, string>()
  for (const other of others) for (const [name, { code }] of Object.entries(other)) owners.set(code, name)
  for (const [name, { code }] of Object.entries(codes)) {
    if (!Number.isInteger(code) || code < 1 || code > codeMax)
      throw new RangeError(`${name}: code ${code} is not 1 to ${codeMax}`)
    const owner = owners.get(code)
    if (owner !== undefined) throw new RangeError(`${name} and ${owner} both have code ${code}`)
    owners.set(code, name)
  }
  return Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, { name, ...code }])) as never
}

export const cookieOf = ({ code }: { readonly code: number }, objectId: number): bigint =>
  (BigInt(code) << BigInt(objectBits)) | BigInt.asUintN(objectBits, BigInt(objectId))

export const codeOf = (cookie: bigint): number => Number(cookie >> BigInt(objectBits))
export const objectIdOf = (cookie: bigint): number => Number(BigInt.asUintN(objectBits, cookie))
