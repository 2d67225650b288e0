/** Positions in bundles back to positions in sources, by the source map that a bundle carries (ECMA-426). */

/** What of a source map is needed. */
export interface SourceMap {
  readonly sources: readonly string[]
  readonly mappings: string
}

export interface Position {
  readonly source: string
  /** From 1. */
  readonly line: number
  readonly column: number
}

const inline = /\n\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]+)\s*$/

/** A bundle without its map, and the map; undefined where it has none. */
export function splitSourceMap(bundle: string): {
  readonly code: string
  readonly map: SourceMap | undefined
} {
  const match = inline.exec(bundle)
  if (match === null) return { code: bundle, map: undefined }
  const code = `${bundle.slice(0, match.index)}\n`
  try {
    const { sources, mappings } = JSON.parse(Buffer.from(match[1]!, 'base64').toString()) as SourceMap
    return {
      code,
      map: Array.isArray(sources) && typeof mappings === 'string' ? { sources, mappings } : undefined,
    }
  } catch {
    return { code, map: undefined }
  }
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The numbers of one segment: base 64, 5 bits a digit, least first, the sign in the lowest bit. */
function numbersOf(segment: string): number[] {
  const numbers: number[] = []
  let value = 0
  let shift = 0
  for (const digit of segment) {
    const bits = digits.indexOf(digit)
    value |= (bits & 31) << shift
    shift += 5
    if (bits & 32) continue
    numbers.push(value & 1 ? -(value >> 1) : value >> 1)
    value = shift = 0
  }
  return numbers
}

/** Where a position of the bundle comes from. Lines and columns count from 1, as in stack traces. */
export function originalPosition(
  { sources, mappings }: SourceMap,
  line: number,
  column: number,
): Position | undefined {
  let [source, sourceLine, sourceColumn] = [0, 0, 0]
  let found: Position | undefined
  for (const [at, text] of mappings.split(';', line).entries()) {
    let generated = 0
    for (const segment of text === '' ? [] : text.split(',')) {
      const [advance = 0, ...fields] = numbersOf(segment)
      generated += advance
      source += fields[0] ?? 0
      sourceLine += fields[1] ?? 0
      sourceColumn += fields[2] ?? 0
      if (at !== line - 1 || fields.length < 3 || generated >= column) continue
      found = { source: sources[source] ?? '', line: sourceLine + 1, column: sourceColumn + 1 }
    }
  }
  return found
}
