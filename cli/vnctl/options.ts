/** Options of a command line: `--name value`, `--name=value`, `--flag`, `--no-flag`; anywhere among the other words. */
import { suggestion } from './suggest.ts'
import { UsageError } from './usage-error.ts'

export type OptionKind = 'flag' | 'value'
/** The options that are known, by their names with underscores. */
export type Known = Readonly<Record<string, OptionKind>>

export interface Parsed {
  /** What is no option, in order. */
  readonly words: readonly string[]
  /** Values as they were typed; flags as `true` or `false`. */
  readonly options: Readonly<Record<string, string>>
}

const short: ReadonlyMap<string, string> = new Map([
  ['-o', '--output'],
  ['-h', '--help'],
  ['-f', '--file'],
  ['-y', '--yes'],
])
const booleanWord = /^(y|yes|t|true|1|n|no|f|false|0)$/i

const hyphened = (name: string) => `--${name.replaceAll('_', '-')}`

function unknown(option: string, known: Known): never {
  throw new UsageError(`unknown option ${option}${suggestion(option, Object.keys(known).map(hyphened))}`)
}

/** The option that a word names, and the value that is written with it. */
function readOption(word: string, known: Known): { name: string; kind: OptionKind; value?: string } {
  const at = word.indexOf('=')
  const written = at === -1 ? word : word.slice(0, at)
  const name = written.slice(2).replaceAll('-', '_')
  const kind = Object.hasOwn(known, name) ? known[name] : undefined
  if (kind !== undefined) return at === -1 ? { name, kind } : { name, kind, value: word.slice(at + 1) }
  const positive = name.replace(/^no_/, '')
  const negated = positive !== name && Object.hasOwn(known, positive) && known[positive] === 'flag'
  return negated && at === -1 ? { name: positive, kind: 'flag', value: 'false' } : unknown(written, known)
}

/** Separates words and options. With `known` undefined for a name it is a usage error. After `--` all are words. */
export function parseOptions(argv: readonly string[], known: Known): Parsed {
  const words: string[] = []
  const options: Record<string, string> = {}
  for (let index = 0; index < argv.length; index++) {
    const word = short.get(argv[index]!) ?? argv[index]!
    if (word === '--') return { words: [...words, ...argv.slice(index + 1)], options }
    if (!word.startsWith('-') || word === '-') {
      words.push(word)
      continue
    }
    if (!word.startsWith('--')) unknown(word, known)
    const { name, kind, value } = readOption(word, known)
    if (value !== undefined) options[name] = value
    else if (kind === 'flag')
      options[name] = booleanWord.test(argv[index + 1] ?? '') ? argv[++index]! : 'true'
    else if (index + 1 < argv.length) options[name] = argv[++index]!
    else throw new UsageError(`${hyphened(name)} needs a value`)
  }
  return { words, options }
}
