/** Completion in shells: the shell asks `vnctl __complete WORDS…`, the last word being the one at the cursor. */
import * as v from 'valibot'
import { call } from './client.ts'
import { allOptions } from './command.ts'
import {
  type Command,
  commands,
  commandsUnder,
  findCommand,
  nextWords,
  otherCommands,
  underscored,
} from './grammar.ts'
import { choicesOf } from './help.ts'
import { kindOf, optionsOf } from './requests.ts'
import { globalOptions, outputs, type Settings } from './settings.ts'
import { tools } from './tools.ts'
import { UsageError } from './usage-error.ts'

const scripts: Readonly<Record<string, string>> = {
  bash: `_vnctl() {
  local IFS=$'\\n' program="\${COMP_WORDS[0]/#\\~\\//$HOME/}" current="\${COMP_WORDS[COMP_CWORD]}"
  [ "$current" = = ] && current=
  COMPREPLY=($(compgen -W "$("$program" __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" -- "$current"))
}
complete -o default -F _vnctl vnctl`,
  zsh: `#compdef vnctl
_vnctl() {
  local program="\${\${(Q)words[1]}/#\\~\\//$HOME/}"
  local -a candidates
  candidates=(\${(f)"$("$program" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( $#candidates )); then compadd -a candidates; else _files; fi
}
compdef _vnctl vnctl`,
}

/** The script for a shell, to be evaluated there: \`eval "$(vnctl completion bash)"\`. */
export function completionScript(shell: string | undefined): string {
  const script = shell === undefined ? undefined : scripts[shell]
  if (script === undefined) throw new UsageError('usage: vnctl completion bash|zsh')
  return script
}

const apiPaths = [
  ...new Set(
    commands.flatMap(({ forms }) => forms.filter(({ ids }) => ids.length === 0).map(({ path }) => path)),
  ),
  '/batch',
  '/audit',
  '/openapi.json',
]

/** What follows commands that are not of the API. Where nothing is named, the shell completes names of files. */
const others: Readonly<Record<string, readonly (readonly string[])[]>> = {
  ...Object.fromEntries(Object.keys(tools).map((name) => [name, []])),
  batch: [],
  api: [['GET', 'POST', 'PUT', 'DELETE'], apiPaths],
  ofp: [['decode', 'encode']],
  completion: [['bash', 'zsh']],
}
const ownOptions: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    Object.entries(tools).map(([name, { options }]) => [
      name,
      Object.keys(options).map((option) => `--${option.replaceAll('_', '-')}`),
    ]),
  ),
  batch: ['--atomic'],
  api: ['--data'],
  decode: ['--pretty', '--compact'],
  encode: ['--hex', '--binary'],
}

/** A shell waits while it is told, so the API must be quick or go without. */
const uuidTimeoutMs = 700
const uuidsMax = '200'

const prefixOf = (schema: v.GenericSchema): string | undefined => {
  const { wrapped } = schema as { wrapped?: v.GenericSchema }
  return wrapped === undefined ? (v.getMetadata(schema) as { prefix?: string }).prefix : prefixOf(wrapped)
}

/** The resource whose objects have uuids with this prefix. */
const resourceWith = (prefix: string) =>
  commands
    .flatMap(({ forms }) => forms)
    .find(({ ids, keys }) => ids.length === 1 && prefixOf(keys[ids[0]!]!) === prefix)
    ?.path.split('/')[1]

async function uuidsOf(prefix: string | undefined, settings: Settings): Promise<string[]> {
  const resource = prefix === undefined ? undefined : resourceWith(prefix)
  if (resource === undefined) return []
  try {
    const request = { method: 'GET', path: `/${resource}`, parameters: { limit: uuidsMax } }
    const answer = await call({ ...settings, timeoutMs: uuidTimeoutMs, waitMs: undefined }, request)
    return (answer.json as { items: { uuid: string }[] }).items.map(({ uuid }) => uuid)
  } catch {
    return []
  }
}

const schemaOf = (command: Command, option: string) =>
  command.forms
    .map(({ parameters }) => parameters[underscored(option.slice(2))])
    .find((schema) => schema !== undefined)

const hyphened = (name: string) => `--${name.replaceAll('_', '-')}`

const optionNames = (command: Command) =>
  Object.keys({ ...optionsOf(command), ...globalOptions }).map(hyphened)

/** The values of the option before the cursor; undefined: it takes none, or there is none. */
async function valuesOf(command: Command, option: string, settings: Settings): Promise<string[] | undefined> {
  const schema = option.startsWith('--') ? schemaOf(command, option) : undefined
  if (schema === undefined) return undefined
  if (kindOf(schema) === 'flag') return undefined
  const choices = choicesOf(schema)
  return choices.length > 0 ? [...choices] : uuidsOf(prefixOf(schema), settings)
}

function idAt(command: Command, words: readonly string[]): v.GenericSchema | undefined {
  const position = words.length - command.words.length
  const form = command.forms.find(
    (one) => position < one.ids.length || (one.repeatable && one.ids.length > 0),
  )
  const name = form?.ids[Math.min(position, form.ids.length - 1)]
  return name === undefined ? undefined : form?.keys[name]
}

const takesValue = (word: string) =>
  word === '-o' || (word.startsWith('--') && allOptions[underscored(word.slice(2))] === 'value')

/** The words that are neither options nor their values. */
const wordsOf = (argv: readonly string[]) =>
  argv.filter((word, index) => !word.startsWith('-') && !takesValue(argv[index - 1] ?? ''))

/** What follows the name of a command that is not of the API. */
function completeOther(words: readonly string[], current: string): string[] {
  const [name = '', action = ''] = words
  const globals = name === 'ofp' ? ['--help'] : Object.keys(globalOptions).map(hyphened)
  if (current.startsWith('-')) return [...(ownOptions[name === 'ofp' ? action : name] ?? []), ...globals]
  return [...(others[name]?.[words.length - 1] ?? [])]
}

function completeName(words: readonly string[], current: string): string[] {
  const next = nextWords(words)
  if (words.length > 0) return next
  const globals = [...Object.keys(globalOptions), 'version'].map(hyphened)
  return current.startsWith('-') ? globals : [...next, ...otherCommands]
}

const isBreak = (word: string | undefined) => word !== undefined && /^[:@]+$/.test(word)

/** The word breaks of bash make three words of `host:9090`, and of `--option=value`: as one, and as two here. */
function rejoined(argv: readonly string[]): string[] {
  const words: string[] = []
  for (const [index, word] of argv.entries())
    if (words.length > 0 && (isBreak(word) || isBreak(argv[index - 1]))) words[words.length - 1] += word
    else words.push(word)
  return words
}

/** Where the API of the line being written is. */
const placeOf = (before: readonly string[]) =>
  Object.fromEntries(
    ['api', 'state'].flatMap((name) => {
      const at = before.lastIndexOf(`--${name}`)
      const value = at === -1 ? undefined : before[at + 1]
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** What the last of the words may become. `settingsOf`: the settings with these options. */
export async function complete(
  argv: readonly string[],
  settingsOf: (options: Readonly<Record<string, string>>) => Settings,
): Promise<string[]> {
  const given = rejoined(argv)
  const current = given.at(-1) === '=' ? '' : (given.at(-1) ?? '')
  const before = given.slice(0, -1).filter((word) => word !== '=')
  const option = before.at(-1) ?? ''
  const all = wordsOf(before)
  const words = all[0] === 'help' ? all.slice(1) : all
  if (option === '--output' || option === '-o') return [...outputs]
  if (['--state', '--api', '--timeout', '--wait-timeout', '--data'].includes(option)) return []
  if (Object.hasOwn(others, words[0] ?? '')) return completeOther(words, current)
  const command = findCommand(words)
  if (command === undefined) return completeName(words, current)
  const settings = settingsOf(placeOf(before))
  const values = await valuesOf(command, option, settings)
  if (values !== undefined) return values
  if (current.startsWith('-')) return optionNames(command)
  const further = commandsUnder(words).length > 1 ? nextWords(words) : []
  const id = idAt(command, words)
  return [...further, ...(id === undefined ? [] : await uuidsOf(prefixOf(id), settings))]
}
