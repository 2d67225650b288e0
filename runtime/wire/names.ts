/** A value's names in both directions. Unknown values stay numbers. */
export interface Codes {
  readonly byName: ReadonlyMap<string, number>
  readonly byValue: ReadonlyMap<number, string>
  /** The same as `byName`, without a prototype: for generated code, which looks up three times as fast in it. */
  readonly table: Readonly<Record<string, number>>
  /** The lowest value that has a name: below it no look-up is needed. */
  readonly first: number
  /** Names by value, for values that count up from 0. */
  readonly dense: readonly (string | undefined)[]
}

/** Up to here names are compared one after the other, which is quicker than a look-up. */
export const comparedNamesMax = 10

export interface NamedBits extends Codes {
  /** Names of a word of bits, lowest first; bits without a name are numbers. The arrays are frozen and shared. */
  readonly read: (word: number) => readonly (string | number)[]
  readonly write: (flags: readonly (string | number)[]) => number
}

/** Two names may share a value: the first one is what a reader sees. */
export function makeCodes(names: Readonly<Record<string, number>>): Codes {
  const byName = new Map(Object.entries(names))
  const byValue = new Map<number, string>()
  for (const [name, value] of byName) if (!byValue.has(value)) byValue.set(value, name)
  const dense = [...byValue.keys()].map((_, value) => byValue.get(value))
  const table = Object.assign(Object.create(null), names)
  return { byName, byValue, table, first: Math.min(...byValue.keys()), dense }
}

/** Words seen are remembered up to this number, since few combinations of flags are ever in use. */
const rememberedWordsMax = 256

export function makeBits(names: Readonly<Record<string, number>>): NamedBits {
  const codes = makeCodes(names)
  const seen = new Map<number, readonly (string | number)[]>()
  const spell = (word: number) => {
    const flags: (string | number)[] = []
    for (let bit = 0; bit < 32; bit++) {
      const value = (1 << bit) >>> 0
      if ((word & value) !== 0) flags.push(codes.byValue.get(value) ?? value)
    }
    const frozen = Object.freeze(flags)
    if (seen.size < rememberedWordsMax) seen.set(word, frozen)
    return frozen
  }
  return {
    ...codes,
    read: (word) => seen.get(word) ?? spell(word),
    write: (flags) => flags.reduce<number>((word, flag) => (word | bitOf(codes, flag)) >>> 0, 0),
  }
}

function bitOf(codes: Codes, flag: string | number): number {
  const value = typeof flag === 'number' ? flag : codes.table[flag]
  if (value === undefined || value !== value >>> 0) throw new TypeError(`no such flag: ${flag}`)
  return value
}
